//! Writes the bindings of a module: `bellhop-bindgen <file.wasm> <folder>` makes `index.js` and `index_bg.wasm` there.
use std::{env::args_os, process::ExitCode};

use wasm_bindgen_cli_support::Bindgen;

fn main() -> ExitCode {
    let (Some(module), Some(folder)) = (args_os().nth(1), args_os().nth(2)) else {
        eprintln!("usage: bellhop-bindgen <file.wasm> <folder>");
        return ExitCode::FAILURE;
    };
    // A trap can't unwind: the bindings then start the module afresh.
    let written = Bindgen::new().module(true).and_then(|bindgen| {
        bindgen
            .input_path(module)
            .out_name("index")
            .typescript(false)
            .reset_state_function(true)
            .force_enable_abort_handler(true)
            .generate(folder)
    });
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("{error:?}");
            ExitCode::FAILURE
        }
    }
}
