//! tests

fn main() {}
