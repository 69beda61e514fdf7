//! The checks: tests, mutation tests, lints, size limits, conformance and the packed npm package.

pub(crate) mod conformance;
pub(crate) mod mutants;
pub(crate) mod npm;
pub(crate) mod size;
pub(crate) mod test;
pub(crate) mod tidy;
