//! What is known of the visitor: what the page says, unproven, and what the site has signed. Cut to size, shown to agents only.

use super::{Room, effect::Effects, record::Profile, session::Session};
use crate::core::{
    error::Code,
    limits::{ATTRIBUTES, EARLY_PROFILE_BYTES, PROFILE_BYTES, PROFILE_CHARS, SKILL_CHARS},
    principal::Identity,
    protocol::wire,
    socket::SocketId,
    time::Timestamp,
};

impl Room {
    pub(super) fn note_context(&mut self, context: Option<wire::Context>, now: Timestamp, fx: &mut Effects) {
        let Some(context) = context else { return };
        let mut profile = self.profile();
        profile.page_url = cut(&context.page_url);
        profile.page_title = cut(&context.page_title);
        // The first referrer says where the visitor came from; later ones are pages of the site itself.
        if profile.referrer.is_empty() {
            profile.referrer = cut(&context.referrer);
        }
        profile.locale = cut(&context.locale);
        profile.timezone = cut(&context.timezone);
        self.change_profile(profile, false, now, fx);
        self.carry(fx);
    }

    /// What the site has signed stands, whatever the page says beside it, until it signs something newer.
    pub(super) fn prove(&mut self, identity: Option<Identity>, now: Timestamp, fx: &mut Effects) {
        let Some(Identity { subject, name, email, level, issued_at }) = identity else { return };
        let known = self.profile();
        // An open tab has what was signed this morning, and what is over says nothing new.
        if known.verified && (issued_at < known.signed_at || issued_at == Timestamp::default()) {
            return;
        }
        // What is not signed must not stand beside what is.
        let (subject, name, email) = (cut(&subject), cut(&name), cut(&email));
        let mut profile = Profile { verified: true, subject, name, email, level, ..known.clone() };
        // A page may sign anew for each view: that alone is written only with something else.
        let keep = profile != known;
        profile.signed_at = issued_at;
        if !known.verified
            && let Some(record) = &mut self.record
        {
            record.proven_after = self.public.head;
            self.bot.forget_form();
        }
        self.change_profile(profile, keep, now, fx);
        if !known.verified {
            // Whoever else is here has a ticket from before, and no part in what comes now.
            self.clear_out(now, fx);
        }
    }

    pub(super) fn identify(&mut self, socket: SocketId, given: wire::Identify, now: Timestamp, fx: &mut Effects) {
        match self.sessions.get(&socket) {
            Some(session) if session.is_agent() => {
                return self.refuse(socket, Code::Forbidden, "only visitors say who they are", "", fx);
            }
            Some(_) => {}
            None => return,
        }
        let mut profile = self.profile();
        self.name(socket, &mut profile, &given.name, &given.email);
        let most = if self.record.is_some() { PROFILE_BYTES } else { EARLY_PROFILE_BYTES };
        // What is known stays; new names come in while there is room. After the first that has none no other is tried: each try writes the
        // whole profile, and a frame has thousands.
        let mut has_room = true;
        for (name, value) in &given.attributes {
            let name = cut(name);
            let is_known = profile.attributes.contains_key(&name);
            has_room &= profile.attributes.len() < ATTRIBUTES;
            if is_known || has_room {
                profile.attributes.insert(name.clone(), cut(value));
                if !is_known && is_larger(&profile, most) {
                    profile.attributes.remove(&name);
                    has_room = false;
                }
            }
        }
        self.change_profile(profile, true, now, fx);
    }

    /// Who somebody says they are, on this socket. A name that is proven is not talked over.
    pub(super) fn name(&self, socket: SocketId, profile: &mut Profile, name: &str, email: &str) {
        if profile.verified || self.sessions.get(&socket).is_some_and(Session::must_prove) {
            return;
        }
        if !name.trim().is_empty() {
            profile.name = cut(name);
        }
        if !email.trim().is_empty() {
            profile.email = cut(email);
        }
    }

    fn profile(&self) -> Profile {
        self.record.as_ref().map_or_else(|| self.early_profile.clone(), |record| record.profile.clone())
    }

    /// Where a visitor is changes with every page, so that alone is written only with something else.
    pub(super) fn change_profile(&mut self, mut profile: Profile, keep: bool, now: Timestamp, fx: &mut Effects) {
        let Some(record) = &mut self.record else {
            fit(&mut profile, EARLY_PROFILE_BYTES);
            if profile != self.early_profile {
                self.early_profile = profile;
                self.carry(fx);
            }
            return;
        };
        fit(&mut profile, PROFILE_BYTES);
        if record.profile == profile {
            return;
        }
        record.profile = profile;
        if keep {
            self.save_record(now, fx);
            self.desk.mark(false);
        }
        self.tell_profile(now, fx);
    }

    /// What the page said and no row keeps, the visitor's sockets carry through hibernation: before the first message all of it, then
    /// where they are. Each of them, because any of them may be the one that stays.
    fn carry(&mut self, fx: &mut Effects) {
        let mut said = match &self.record {
            Some(record) => on_page(&record.profile, &Profile::default()),
            None => self.early_profile.clone(),
        };
        fit(&mut said, EARLY_PROFILE_BYTES);
        for (_, session) in self.sessions.iter_mut().filter(|(_, session)| !session.is_agent()) {
            if session.early_profile.as_deref() != Some(&said) {
                session.early_profile = Some(Box::new(said.clone()));
                fx.attach(session.clone());
            }
        }
    }
}

/// What is known, where the visitor is by what was said.
pub(super) fn on_page(said: &Profile, known: &Profile) -> Profile {
    let Profile { page_url, page_title, locale, timezone, .. } = said.clone();
    Profile { page_url, page_title, locale, timezone, ..known.clone() }
}

/// What the site says that the conversation is about: the attribute `topic`, as skills are written.
pub(super) fn topic_of(profile: &Profile) -> String {
    let topic = profile.attributes.get("topic").map(|text| text.trim().to_lowercase()).unwrap_or_default();
    topic.chars().take(SKILL_CHARS).collect()
}

/// Leaves away what does not fit, the least useful first.
fn fit(profile: &mut Profile, bytes: usize) {
    let is_too_large = |profile: &Profile| is_larger(profile, bytes);
    while is_too_large(profile) && profile.attributes.pop_last().is_some() {}
    for leave in [
        |profile: &mut Profile| profile.referrer.clear(),
        |profile: &mut Profile| profile.page_url.clear(),
        |profile: &mut Profile| profile.page_title.clear(),
        |profile: &mut Profile| profile.timezone.clear(),
        |profile: &mut Profile| profile.locale.clear(),
    ] {
        if is_too_large(profile) {
            leave(profile);
        }
    }
}

fn is_larger(profile: &Profile, bytes: usize) -> bool {
    serde_json::to_string(profile).is_ok_and(|text| text.len() > bytes)
}

/// The first characters, without control characters.
pub(super) fn cut(text: &str) -> String {
    text.chars().filter(|letter| !letter.is_control()).take(PROFILE_CHARS).collect::<String>().trim().to_owned()
}
