// Lints at no extra cost: Clippy's driver is the compiler itself with more to say, so what is built for a test anyway is not read a
// second time for them. What it builds may be optimised less than a compiler's, so nothing that is deployed or measured is built so.

/** The environment of a cargo that builds our own crates so; a warning is an error. */
export const LINTED = { RUSTC_WORKSPACE_WRAPPER: 'clippy-driver', CLIPPY_ARGS: '-D__CLIPPY_HACKERY__warnings__CLIPPY_HACKERY__' };
