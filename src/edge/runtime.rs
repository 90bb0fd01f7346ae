//! What the runtime offers and `worker` does not wrap, or wraps at a price: it hands over the arguments of a statement one
//! by one, and copies the text of the statement each time. The names are the runtime's.
use js_sys::{Array, Date, JsString, Object, Promise, Reflect, futures::JsFuture};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};
use worker::{Headers, Request, Response, State, Storage, WebSocket, web_sys};

#[wasm_bindgen]
extern "C" {
    type RawState;
    #[wasm_bindgen(method, catch, js_name = getWebSocketAutoResponseTimestamp)]
    fn auto_response_timestamp(this: &RawState, socket: &JsValue) -> Result<Option<Date>, JsValue>;

    #[wasm_bindgen(js_name = Request)]
    type RawRequest;
    #[wasm_bindgen(constructor, catch, js_class = "Request")]
    fn new(url: &str, init: &Object) -> Result<RawRequest, JsValue>;

    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &Object) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = AbortSignal)]
    fn timeout(millis: f64) -> Result<JsValue, JsValue>;

    type RawSocket;
    #[wasm_bindgen(method, getter, js_name = bufferedAmount)]
    fn buffered_amount(this: &RawSocket) -> Option<f64>;

    /// Durable storage of an object.
    pub type RawStorage;
    /// Its SQLite.
    #[wasm_bindgen(method, getter)]
    pub fn sql(this: &RawStorage) -> RawSql;
    /// Keeps all that `work` writes, or nothing if it throws.
    #[wasm_bindgen(method, catch, js_name = transactionSync)]
    pub fn transaction_sync(this: &RawStorage, work: &JsValue) -> Result<JsValue, JsValue>;

    /// SQLite of an object.
    pub type RawSql;
    /// Runs a statement up to its first row.
    #[wasm_bindgen(method, catch, variadic)]
    pub fn exec(this: &RawSql, statement: &JsString, args: &[JsValue]) -> Result<RawCursor, JsValue>;

    /// What a statement gives.
    pub type RawCursor;
    #[wasm_bindgen(method, catch)]
    fn raw(this: &RawCursor) -> Result<RawRows, JsValue>;

    type RawRows;
    #[wasm_bindgen(method, catch, js_name = toArray)]
    fn to_array(this: &RawRows) -> Result<Array, JsValue>;
}

/// The storage, by the names of the runtime.
pub fn raw_storage(storage: &Storage) -> &RawStorage {
    let raw: &JsValue = storage.as_raw().as_ref();
    raw.unchecked_ref()
}

/// All rows that are left, each an array of its columns.
///
/// # Errors
/// What SQLite throws on the way.
pub fn rows(cursor: &RawCursor) -> Result<Array, JsValue> {
    cursor.raw()?.to_array()
}

/// A request to an object: `POST` with a body, `GET` without. `worker` would write out every member that such a request might have.
///
/// # Errors
/// What the runtime throws, for a header that is none for instance.
pub fn request(url: &str, headers: &Headers, body: Option<&str>) -> worker::Result<Request> {
    let init = Object::new();
    let raw: &JsValue = headers.0.as_ref();
    Reflect::set(&init, &"headers".into(), raw)?;
    if let Some(body) = body {
        Reflect::set(&init, &"method".into(), &"POST".into())?;
        Reflect::set(&init, &"body".into(), &body.into())?;
    }
    let made = RawRequest::new(url, &init)?;
    Ok(made.unchecked_into::<web_sys::Request>().into())
}

/// Posts to somebody outside, who has so many milliseconds to answer and be read; a redirect is an answer, too.
///
/// # Errors
/// Nobody was reached in time.
pub async fn post(url: &str, headers: &[(&str, &str)], body: &str, patience: i64) -> Result<Response, JsValue> {
    let sent = Object::new();
    for (name, value) in headers {
        Reflect::set(&sent, &(*name).into(), &(*value).into())?;
    }
    let init = Object::new();
    let members: [(&str, JsValue); 5] = [
        ("method", "POST".into()),
        ("headers", sent.into()),
        ("body", body.into()),
        ("redirect", "manual".into()),
        ("signal", timeout(patience as f64)?),
    ];
    for (name, value) in members {
        Reflect::set(&init, &name.into(), &value)?;
    }
    let response: web_sys::Response = JsFuture::from(fetch(url, &init)?).await?.dyn_into()?;
    Ok(response.into())
}

/// What the runtime still holds of what was sent to a socket, in bytes. A runtime that does not say holds nothing.
pub fn unread(ws: &WebSocket) -> f64 {
    let raw: &JsValue = ws.as_ref();
    raw.unchecked_ref::<RawSocket>().buffered_amount().unwrap_or(0.0)
}

/// When the runtime last answered a heartbeat of a socket by itself, in epoch milliseconds.
pub fn last_heartbeat(state: &State, ws: &WebSocket) -> Option<f64> {
    let raw: &JsValue = state.as_raw().as_ref();
    let date = raw.unchecked_ref::<RawState>().auto_response_timestamp(ws.as_ref()).ok()??;
    Some(date.get_time())
}
