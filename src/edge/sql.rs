//! An object's own SQLite behind the core's `Sql` trait.
//!
//! `SqlCursor::one` and friends throw through bindings that can't catch, so rows are read by the raw iterator only.
use js_sys::{Function, Reflect};
use wasm_bindgen::{JsCast, JsValue, closure::ScopedClosure};
use worker::{SqlStorage, Storage};

use crate::core::port::{Row, Sql, SqlError, Value};

/// The storage of one object.
pub struct ObjectSql(SqlStorage);

impl ObjectSql {
    /// Of this object.
    pub fn of(storage: &Storage) -> Self {
        ObjectSql(storage.sql())
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
    fn exec(&self, sql: &str, args: &[Value]) -> Result<Vec<Row>, SqlError> {
        let args: Vec<JsValue> = args.iter().map(bound).collect();
        let cursor = self.0.exec_raw(sql, args).map_err(broken)?;
        // It has run by now; to ask what it gives costs several calls across the border, on every message.
        if sql.starts_with("INSERT") && !sql.contains("RETURNING") {
            return Ok(Vec::new());
        }
        let mut rows = Vec::new();
        for row in cursor.raw() {
            let row = row.map_err(broken)?;
            rows.push(row.into_iter().map(|value| read(&value.into())).collect());
        }
        Ok(rows)
    }
}

/// Runs `work` so that all of its writes are kept or none, by the platform's `transactionSync`, which the bindings
/// don't wrap. An error rolls back and is given back.
pub fn all_or_nothing(storage: &Storage, work: impl Fn() -> Result<(), SqlError>) -> Result<(), SqlError> {
    let raw: &JsValue = storage.as_raw().as_ref();
    let transaction: Function = Reflect::get(raw, &"transactionSync".into())
        .map_err(broken)?
        .dyn_into()
        .map_err(|_| SqlError("transactionSync is missing".into()))?;
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
        transaction.call1(raw, callback.as_js_value())
    };
    match (failed, outcome) {
        (Some(error), _) => Err(error),
        (None, Err(error)) => Err(broken(error)),
        (None, Ok(_)) => Ok(()),
    }
}
