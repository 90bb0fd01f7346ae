//! AES-256-GCM as the runtime has it.
use js_sys::{Array, ArrayBuffer, Object, Promise, Reflect, Uint8Array, futures::JsFuture};
use wasm_bindgen::{JsCast as _, JsValue, prelude::wasm_bindgen};

use crate::core::port::{Cipher, CipherJob};

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"], js_name = importKey)]
    fn import_key(kind: &str, key: &Uint8Array, name: &str, leaves: bool, uses: &Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"])]
    fn encrypt(how: &Object, key: &JsValue, text: &Uint8Array) -> Result<Promise, JsValue>;
    #[wasm_bindgen(catch, js_namespace = ["crypto", "subtle"])]
    fn decrypt(how: &Object, key: &JsValue, text: &Uint8Array) -> Result<Promise, JsValue>;
}

const NAME: &str = "AES-GCM";

/// The runtime's cipher.
pub struct WebCrypto;

impl Cipher for WebCrypto {
    async fn run(&self, job: CipherJob<'_>) -> Option<Vec<u8>> {
        // What does not open and what can't be done at all both throw; the runtime's words for it say no more.
        carry_out(job).await.ok()
    }
}

async fn carry_out(CipherJob { seals, key, nonce, about, text }: CipherJob<'_>) -> Result<Vec<u8>, JsValue> {
    let uses = Array::of1(&if seals { "encrypt" } else { "decrypt" }.into());
    let key = JsFuture::from(import_key("raw", &key.into(), NAME, false, &uses)?).await?;
    let how = Object::new();
    let members: [(&str, JsValue); 3] = [
        ("name", NAME.into()),
        ("iv", Uint8Array::from(nonce.as_slice()).into()),
        ("additionalData", Uint8Array::from(about).into()),
    ];
    for (name, value) in members {
        Reflect::set(&how, &name.into(), &value)?;
    }
    let begin = if seals { encrypt } else { decrypt };
    let done: ArrayBuffer = JsFuture::from(begin(&how, &key, &text.into())?).await?.dyn_into()?;
    Ok(Uint8Array::new(&done).to_vec())
}
