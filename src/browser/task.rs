use std::future::Future;
use std::pin::Pin;

/// A boxed future: one type for all, because the code that runs a future is compiled for each type.
pub(crate) type Task<T> = Pin<Box<dyn Future<Output = T>>>;

/// Spawns a task that nothing cancels. Before it reports a result, it must check that the result is still wanted.
pub(crate) fn run(task: Task<()>) {
    wasm_bindgen_futures::spawn_local(task);
}
