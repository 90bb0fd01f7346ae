//! What a deployment must be told before it serves anything, read once per isolate.
use std::{cell::RefCell, rc::Rc};

use worker::Env;

use super::env;
use crate::core::{
    auth::{Keys, OpsKey},
    error::Code,
    origin::OwnOrigin,
    problem::Problem,
};

/// Everything that the gateway decides by.
pub struct Config {
    /// Signing keys.
    pub keys: Keys,
    /// The scripts' key.
    pub ops: OpsKey,
    /// Guards the first owner; empty: nobody can set up.
    pub setup_token: String,
    /// This deployment's address.
    pub own: OwnOrigin,
    /// Serves and seeds the demo.
    pub is_demo: bool,
    /// Servers on this machine may be called, as well.
    pub loopback: bool,
    /// The one header that tells a client's address; empty: the platform's own word.
    pub address_header: String,
    /// Raises all limits of the gateway.
    pub limit_factor: u32,
}

thread_local! {
    static LOADED: RefCell<Option<Rc<Config>>> = const { RefCell::new(None) };
}

/// Settings that are numbers. Where one is none, nothing is served: whoever sets it must not find a standard in its place.
const NUMBERS: [&str; 3] = ["BELLHOP_LIMIT_FACTOR", "BELLHOP_EVENTS_DELAY_MS", "BELLHOP_DESCRIPTORS"];

const HOW: &str = "`make start` and `make deploy` make the secrets; by hand: `openssl rand -base64 32 | tr '+/' '-_' | \
     tr -d '=' | npx wrangler secret put NAME`";

/// The deployment's configuration, or what is missing and how to set it.
pub fn load(env: &Env) -> Result<Rc<Config>, Problem> {
    if let Some(config) = LOADED.with_borrow(Clone::clone) {
        return Ok(config);
    }
    let config = Rc::new(read(env)?);
    LOADED.set(Some(Rc::clone(&config)));
    Ok(config)
}

fn read(env: &Env) -> Result<Config, Problem> {
    let missing = |name: &str, why: &str| Problem::new(Code::SecretsMissing, format!("{name} {why}. {HOW}"));
    let secret = env::secret(env, "BELLHOP_SECRET").ok_or_else(|| missing("BELLHOP_SECRET", "is not set"))?;
    let previous = env::secret(env, "BELLHOP_SECRET_PREVIOUS");
    let keys = Keys::new(&secret, previous.as_deref())
        .map_err(|weak| missing("BELLHOP_SECRET (or BELLHOP_SECRET_PREVIOUS)", &format!("can't be used: {weak}")))?;
    let ops = env::secret(env, "BELLHOP_OPS_KEY").ok_or_else(|| missing("BELLHOP_OPS_KEY", "is not set"))?;
    let ops = OpsKey::new(&ops).map_err(|weak| missing("BELLHOP_OPS_KEY", &format!("can't be used: {weak}")))?;
    let own = OwnOrigin::parse(&env::setting(env, "BELLHOP_URL"))
        .map_err(|error| Problem::new(Code::SecretsMissing, error.detail()))?;
    for name in NUMBERS {
        let text = env::setting(env, name);
        if !text.is_empty() && text.parse::<u32>().is_err() {
            return Err(Problem::new(Code::SecretsMissing, format!("{name} must be a whole number")));
        }
    }
    Ok(Config {
        keys,
        ops,
        setup_token: env::secret(env, "BELLHOP_SETUP_TOKEN").unwrap_or_default(),
        own,
        is_demo: env::is_on(env, "BELLHOP_DEMO"),
        loopback: env::may_call_loopback(env),
        address_header: env::setting(env, "BELLHOP_CLIENT_IP_HEADER"),
        limit_factor: env::limit_factor(env),
    })
}
