//! What the gateway tells a Desk: whose sockets are to fall silent, and which agent enters a Room.
use std::time::Duration;

use worker::{Delay, Env};

use super::env;
use crate::core::{
    error::Code,
    internal::{AttachRequest, RevokeRequest},
    problem::Problem,
};

/// Waits between tries, in milliseconds. What is revoked must be silent within five seconds (INV-13).
const TRIES: [u64; 3] = [0, 200, 800];

/// Tells the Desk, which tells every Room until each has confirmed.
pub async fn revoke(env: &Env, request: &RevokeRequest) -> Result<(), Problem> {
    for wait in TRIES {
        if wait > 0 {
            Delay::from(Duration::from_millis(wait)).await;
        }
        match post(env, request).await {
            Ok(status) if (200..300).contains(&status) => return Ok(()),
            Ok(status) => worker::console_warn!("the desk answered a revocation with {status}"),
            Err(error) => worker::console_warn!("the desk could not be told of a revocation: {error}"),
        }
    }
    // What is stored stands: no new socket opens. The caller may ask again, so that the open ones end, too.
    Err(Problem::new(Code::DeskUnreachable, "stored, but open sockets may last until their tickets end"))
}

async fn post(env: &Env, request: &RevokeRequest) -> worker::Result<u16> {
    let desk = env::desk(env, &request.workspace)?;
    Ok(env::post(&desk, "/revoke", request).await?.status_code())
}

/// Tells the Desk that an agent enters a Room. False: the agent has been revoked.
pub async fn attach(env: &Env, request: &AttachRequest) -> Result<bool, Problem> {
    let asked = async {
        let desk = env::desk(env, &request.workspace)?;
        Ok::<u16, worker::Error>(env::post(&desk, "/attach", request).await?.status_code())
    };
    match asked.await {
        Ok(status) if (200..300).contains(&status) => Ok(true),
        Ok(401) => Ok(false),
        Ok(status) => {
            worker::console_warn!("the desk answered an attach with {status}");
            Err(Code::DeskUnreachable.into())
        }
        Err(error) => {
            worker::console_warn!("the desk could not be asked: {error}");
            Err(Code::DeskUnreachable.into())
        }
    }
}
