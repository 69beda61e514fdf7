use std::future::Future;
use std::pin::Pin;

/// A future behind one type: the code that runs a future comes with each type of them.
pub(crate) type Task<T> = Pin<Box<dyn Future<Output = T>>>;

/// Runs it; nothing cancels it. What it does at the end must look whether anybody still wants it.
pub(crate) fn run(task: Task<()>) {
    wasm_bindgen_futures::spawn_local(task);
}
