//! The history's database, D1, behind the core's `Database` trait.
//!
//! Every call is one `batch`, which D1 runs as one transaction. Numbers are bound as JavaScript numbers (D1 takes no
//! BigInt), and rows are read as raw objects, whose members stand in the order of the statement's columns. What an
//! error says goes to the log and to nobody else.
use js_sys::{Array, Function, Object, Promise, Reflect, futures::JsFuture};
use wasm_bindgen::{JsCast, JsValue};
use worker::{D1Database, Env};

use super::{env::DB, sql};
use crate::core::port::{BatchRows, Database, Row, SqlError, Statement};

/// The database of this deployment.
pub struct D1(D1Database);

impl D1 {
    /// The bound database.
    ///
    /// # Errors
    /// When the deployment has no such binding.
    pub fn of(env: &Env) -> worker::Result<Self> {
        env.d1(DB).map(D1)
    }

    async fn call(&self, statements: Vec<Statement>) -> Result<BatchRows, JsValue> {
        let prepared = Array::new();
        for statement in statements {
            let args: Vec<JsValue> = statement.args.iter().map(sql::bound).collect();
            #[allow(clippy::disallowed_methods)] // the one place: what comes in here is a `&'static str`
            let bound = self.0.prepare(statement.sql).bind(&args).map_err(|error| JsValue::from(error.to_string()))?;
            prepared.push(bound.inner().as_ref());
        }
        let database: &JsValue = self.0.as_ref();
        let batch: Function = Reflect::get(database, &"batch".into())?.dyn_into()?;
        let promise: Promise = batch.call1(database, &prepared)?.dyn_into()?;
        let answers: Array = JsFuture::from(promise).await?.dyn_into()?;
        answers.iter().map(|answer| rows(&answer)).collect()
    }
}

/// Rows of one statement's answer; a statement that gives none has no list.
fn rows(answer: &JsValue) -> Result<Vec<Row>, JsValue> {
    let results = Reflect::get(answer, &"results".into())?;
    let Ok(results) = results.dyn_into::<Array>() else { return Ok(Vec::new()) };
    let row = |row: JsValue| -> Result<Row, JsValue> {
        let row: Object = row.dyn_into()?;
        Ok(Object::values(&row).iter().map(|value| sql::read(&value)).collect())
    };
    results.iter().map(row).collect()
}

impl Database for D1 {
    async fn batch(&self, statements: Vec<Statement>) -> Result<BatchRows, SqlError> {
        if statements.is_empty() {
            return Ok(Vec::new());
        }
        self.call(statements).await.map_err(|error| SqlError(format!("{error:?}")))
    }
}
