"""Rust: build.rs and the Cargo.toml beside it."""
