//! Setting up, signing in, and an agent's own account.
use super::{
    api::Cx,
    outcome::{MeBody, Outcome},
};
use crate::{
    api::{
        context::read,
        links,
        sessions::{self, Signed},
        setup, sign_in,
    },
    core::{
        address::ClientAddress,
        problem::Problem,
        route::{Open, Own},
    },
    edge::config::Config,
};

/// What needs no session.
pub(super) async fn open(
    cx: &Cx<'_>,
    config: &Config,
    what: Open,
    body: &str,
    from: &ClientAddress,
) -> Result<Outcome, Problem> {
    match what {
        Open::SetupState => Outcome::wrapped(200, "needed", &setup::is_needed(cx).await?),
        Open::Setup => Outcome::signed_in(201, setup::set_up(cx, &config.setup_token, &read(body)?).await?),
        Open::Login => Outcome::signed_in(200, sign_in::sign_in(cx, &read(body)?, from).await?),
        Open::LinkState => Outcome::json(200, &links::look(cx, &read(body)?).await?),
        Open::FollowLink => {
            let (signed_in, revoke) = links::follow(cx, &read(body)?).await?;
            Ok(Outcome::signed_in(200, signed_in)?.revoking(revoke))
        }
    }
}

/// An agent's own account.
pub(super) async fn own(cx: &Cx<'_>, signed: &Signed, what: Own, body: &str) -> Result<Outcome, Problem> {
    let who = &signed.principal;
    match what {
        Own::Logout => Ok(Outcome::nothing().forgetting().revoking(sessions::sign_out(cx, who).await?)),
        Own::LogoutEverywhere => {
            Ok(Outcome::nothing().forgetting().revoking(sessions::sign_out_everywhere(cx, who).await?))
        }
        Own::Me => Outcome::json(200, &MeBody { me: signed.me.clone() }),
        Own::Rename => Outcome::json(200, &MeBody { me: sessions::rename(cx, signed, &read(body)?).await? }),
        Own::Password => {
            let (signed_in, revoke) = sessions::change_password(cx, signed, &read(body)?).await?;
            Ok(Outcome::nothing().keeping(signed_in.token).revoking(revoke))
        }
        Own::Tickets => Outcome::json(200, &sessions::ticket(cx, who)?),
    }
}
