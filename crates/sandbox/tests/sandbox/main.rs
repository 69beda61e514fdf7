//! The sandbox over real sockets.

mod support;

mod walk;
