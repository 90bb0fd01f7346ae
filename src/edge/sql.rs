//! An object's own SQLite behind the core's `Sql` trait.
use std::cell::RefCell;

use js_sys::{Array, JsString};
use litemap::LiteMap;
use wasm_bindgen::{JsCast as _, JsValue, closure::ScopedClosure};
use worker::Storage;

use super::runtime::{self, RawSql, RawStorage, raw_storage};
use crate::core::port::{Row, Sql, SqlError, Value};

thread_local! {
    /// Our statements as the runtime has them, by where their text lies: each crosses the border once, and the runtime
    /// finds a prepared statement by a string that it has hashed before. And whether it gives rows.
    static STATEMENTS: RefCell<LiteMap<usize, (JsString, bool)>> = const { RefCell::new(LiteMap::new()) };
}

fn statement(sql: &'static str) -> (JsString, bool) {
    let look = || (sql.into(), !sql.starts_with("INSERT") || sql.contains("RETURNING"));
    STATEMENTS.with_borrow_mut(|known| known.entry(sql.as_ptr() as usize).or_insert_with(look).clone())
}

/// The storage of one object.
pub struct ObjectSql(RawSql);

impl ObjectSql {
    /// Of this object.
    pub fn of(storage: &Storage) -> Self {
        ObjectSql(raw_storage(storage).sql())
    }
}

fn broken(error: impl std::fmt::Debug) -> SqlError {
    SqlError(format!("{error:?}"))
}

/// A value as the platform takes it.
pub fn bound(value: &Value) -> JsValue {
    match value {
        Value::Null => JsValue::NULL,
        // A JavaScript number: exact up to 2^53, and the core keeps within that.
        Value::Int(number) => JsValue::from_f64(*number as f64),
        Value::Text(text) => JsValue::from_str(text),
    }
}

/// A column's value as the core knows it. Blobs and fractions are not stored by us.
pub fn read(value: &JsValue) -> Value {
    if let Some(number) = value.as_f64() {
        Value::Int(number as i64)
    } else if let Some(text) = value.as_string() {
        Value::Text(text)
    } else {
        Value::Null
    }
}

impl Sql for ObjectSql {
    fn exec(&self, sql: &'static str, args: &[Value]) -> Result<Vec<Row>, SqlError> {
        let args: Vec<JsValue> = args.iter().map(bound).collect();
        let (statement, gives_rows) = statement(sql);
        let cursor = self.0.exec(&statement, &args).map_err(broken)?;
        // It has run by now; to ask what it gives costs several calls across the border, on every message.
        if !gives_rows {
            return Ok(Vec::new());
        }
        let rows = runtime::rows(&cursor).map_err(broken)?;
        Ok(rows.iter().map(|row| row.unchecked_into::<Array>().iter().map(|value| read(&value)).collect()).collect())
    }

    fn pass_over(&self, error: &SqlError) {
        worker::console_error!("a row is passed over: {error}");
    }
}

/// Runs `work` so that all of its writes are kept or none. An error rolls back and is given back.
pub fn all_or_nothing(storage: &Storage, work: impl Fn() -> Result<(), SqlError>) -> Result<(), SqlError> {
    let storage: &RawStorage = raw_storage(storage);
    let mut failed = None;
    let mut run = || match work() {
        Ok(()) => Ok(JsValue::UNDEFINED),
        Err(error) => {
            failed = Some(error);
            Err(JsValue::from_str("rolled back"))
        }
    };
    let outcome = {
        let callback =
            ScopedClosure::<dyn FnMut() -> Result<JsValue, JsValue> + '_>::borrow_mut_assert_unwind_safe(&mut run);
        storage.transaction_sync(callback.as_js_value())
    };
    match (failed, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(broken(error)),
        (None, Ok(_)) => Ok(()),
    }
}
