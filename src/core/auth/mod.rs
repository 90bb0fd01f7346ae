//! Credentials: how each kind is made, and the one function by which it becomes a principal (INV-14).
//!
//! | credential | carried by | becomes | by |
//! |---|---|---|---|
//! | visitor token | body of `POST /v1/session` | [`Visitor`] | [`Keys::visitor`] |
//! | identity | body of `POST /v1/session`, signed by the site | [`Proven`] | [`Keys::identity`] |
//! | ticket | subprotocol of an upgrade, `renew` | `Principal` | [`Keys::open_ticket`] |
//! | session | cookie | `AgentPrincipal` | [`Keys::session`], then [`Session::principal`] |
//! | ops token | `Authorization` | leave to act | [`OpsKey::verify`] |
//! | link | path of `/api/v1/links` | an agent's row | [`Keys::link_hashes`] |
//!
//! Pure: the time and random bits are arguments. Whether a principal has been revoked since is for the row (sessions)
//! or the object (sockets) to say.
mod action;
mod identity;
mod keys;
mod link;
mod ops;
mod seal;
mod session;
mod ticket;
mod token;
mod visitor;

pub use identity::Proven;
pub use keys::{Keys, WeakSecret};
pub use link::{LinkToken, same_secret};
pub use ops::OpsKey;
#[cfg(test)]
pub use seal::tests::Reference;
pub use session::{Session, SessionRecord, SessionToken};
pub use ticket::{Opened, ticket_end};
pub use token::TokenError;
pub use visitor::Visitor;

#[cfg(test)]
mod forged;
#[cfg(test)]
mod tests;
