//! Intents: what the owner wants to be understood, and what is said then.
//!
//! Each change is decided by what stands and made only if that still stands (`bot::commit`), so two who write at once lose nothing.

use serde::{Deserialize, Serialize};

use super::{
    bot::{self, Change},
    changes,
    context::Context,
};
use crate::{
    core::{
        bot::{
            action::Action,
            image,
            intent::{Draft, Intent, Says, Words},
        },
        error::Code,
        id::{ArticleId, IntentId, TagId},
        json,
        limits::{INTENTS_MAX, KNOWLEDGE_BYTES},
        outgoing,
        port::{Columns, Database, Statement, rows_of},
        principal::AgentPrincipal,
        problem::Problem,
    },
    sql::{
        articles,
        bot::{self as bots, BotRow, Touches},
        intents::{self, IntentRow},
        tags, teams as team_rows,
    },
};

/// `POST /intents/import`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Import {
    intents: Vec<Draft>,
}

/// Its answer.
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
pub struct Imported {
    /// Intents that are new.
    pub added: usize,
    /// Intents that have changed.
    pub changed: usize,
    /// Examples that are new.
    pub examples: usize,
}

/// `GET /intents`, as JSON: what is stored is JSON already.
pub async fn list<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal) -> Result<String, Problem> {
    let rows = cx.run(vec![bots::find(&who.workspace), intents::list(&who.workspace)]).await?;
    let BotRow { revision, .. } = BotRow::read(rows_of(&rows, 0).first());
    let read = |row| {
        let row = IntentRow::read(row);
        if who.role.manages() { Some(row) } else { without_secrets(row) }
    };
    let shown: Vec<String> = rows_of(&rows, 1).iter().filter_map(read).map(|row| shown(&row)).collect();
    Ok(format!("{{\"intents\":[{}],\"revision\":{revision}}}", shown.join(",")))
}

/// `PUT /intents/{id}`: the whole intent, unless somebody has saved it since this was begun. Whether it is new, and the intent as JSON.
pub async fn put<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &IntentId,
    given: Draft,
) -> Result<(bool, String), Problem> {
    if given.id.is_some() {
        return Err(Problem::field("id", "stands in the address"));
    }
    let known = Known::of(cx, who, std::slice::from_ref(id)).await?;
    let begun = given.updated_at.clone();
    let mut intent = Intent::default();
    intent.take(given)?;
    let old = known.old(id);
    let (is_new, action) = (old.is_none(), if old.is_none() { "intent_created" } else { "intent_changed" });
    if let Some((row, _)) = old.filter(|(_, old)| *old == intent) {
        return Ok((false, shown(row)));
    }
    let stands = old.map(|(row, _)| row.updated_at);
    bot::check_begun(begun.as_deref(), stands)?;
    let new = IntentRow::of(id, &intent, bot::written_at(cx, stands)).ok_or(Code::Internal)?;
    let detail = old.map(|(_, old)| changes::of_intent(old, &intent)).unwrap_or_default();
    known.save(cx, who, &[(id.clone(), intent)], action, id.as_str(), &detail).await?;
    Ok((is_new, shown(&new)))
}

/// Adds what is given to what is there.
pub async fn import<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    given: Import,
) -> Result<Imported, Problem> {
    if given.intents.len() > INTENTS_MAX {
        return Err(Problem::new(Code::TooLarge, format!("more than {INTENTS_MAX} intents")));
    }
    let ids: Option<Vec<IntentId>> = given.intents.iter().map(|draft| draft.id.clone()).collect();
    let ids = ids.ok_or_else(|| Problem::field("id", "missing"))?;
    add(cx, who, ids, given.intents, None).await
}

/// Adds these to those of these names; `taught`: to this one, which is there, and it is told as that.
async fn add<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    ids: Vec<IntentId>,
    drafts: Vec<Draft>,
    taught: Option<&IntentId>,
) -> Result<Imported, Problem> {
    let known = Known::of(cx, who, &ids).await?;
    if taught.is_some_and(|id| known.old(id).is_none()) {
        return Err(Code::NotFound.into());
    }
    let mut imported = Imported::default();
    let mut written: Vec<(IntentId, Intent)> = Vec::new();
    for (id, draft) in ids.into_iter().zip(drafts) {
        bot::check_begun(draft.updated_at.as_deref(), known.old(&id).map(|(row, _)| row.updated_at))?;
        let at = written.iter().position(|(other, _)| *other == id);
        let (id, mut intent) = match at {
            Some(at) => written.swap_remove(at),
            None => (id.clone(), known.old(&id).map(|(_, intent)| intent.clone()).unwrap_or_default()),
        };
        let name = |problem: Problem| Problem { detail: format!("{id}: {}", problem.detail), ..problem };
        imported.examples += intent.take(draft).map_err(name)?;
        written.push((id, intent));
    }
    written.retain(|(id, intent)| known.old(id).is_none_or(|(_, old)| old != intent));
    imported.changed = written.iter().filter(|(id, _)| known.old(id).is_some()).count();
    imported.added = written.len() - imported.changed;
    if !written.is_empty() {
        let Imported { added, changed, examples } = imported;
        let (action, target, detail) = match taught {
            Some(id) => ("examples_added", id.as_str(), format!("examples +{examples}")),
            None => {
                ("intents_imported", "intents", format!("added: {added}, changed: {changed}, examples: {examples}"))
            }
        };
        known.save(cx, who, &written, action, target, &detail).await?;
    }
    Ok(imported)
}

/// `POST /intents/{id}/examples`. A type of its own, so that nothing else of an intent is open to whoever only teaches.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Examples {
    examples: Vec<String>,
}

/// Adds examples to an intent, and changes nothing else of it.
///
/// # Errors
/// `404`: it is not there, and none is made.
pub async fn teach<D: Database>(
    cx: &Context<'_, D>,
    who: &AgentPrincipal,
    id: &IntentId,
    given: Examples,
) -> Result<Imported, Problem> {
    let draft = Draft { examples: Some(given.examples), ..Draft::default() };
    add(cx, who, vec![id.clone()], vec![draft], Some(id)).await
}

/// Removes one, and the buttons that lead to it; also one that can't be read, for nothing of it is kept.
pub async fn delete<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, id: &IntentId) -> Result<(), Problem> {
    let workspace = &who.workspace;
    let rows = cx.run(vec![bots::find(workspace), intents::some(workspace, std::slice::from_ref(id))]).await?;
    rows_of(&rows, 1).first().ok_or(Code::NotFound)?;
    let BotRow { revision, .. } = BotRow::read(rows_of(&rows, 0).first());
    let stamp = bot::stamp(cx);
    let change =
        Change { revision, touches: Touches::Lessons, action: "intent_deleted", target: id.as_str(), detail: "" };
    bot::commit(cx, who, &stamp, change, intents::delete(workspace, &stamp, id)).await
}

/// What stands when a change is decided.
struct Known {
    revision: u64,
    /// Those that are looked at, as stored and read.
    rows: Vec<(IntentRow, Intent)>,
    /// The names of all others, and their bytes.
    others: Vec<IntentId>,
    bytes: u64,
    /// The names of pictures for answers, with blanks between.
    pictures: String,
}

impl Known {
    /// # Errors
    /// `409` where this version can't read one of these: a newer one has written it, or one that refused less.
    async fn of<D: Database>(cx: &Context<'_, D>, who: &AgentPrincipal, ids: &[IntentId]) -> Result<Self, Problem> {
        let workspace = &who.workspace;
        let rows =
            cx.run(vec![bots::find(workspace), intents::some(workspace, ids), intents::others(workspace, ids)]).await?;
        // What can't be read is not nothing: it would be written over, and all of it be lost.
        let read = |row| {
            let row = IntentRow::read(row);
            let unreadable =
                || Problem::new(Code::Conflict, format!("{}: this version of Bellhop can't read it", row.id));
            let intent = row.intent().ok_or_else(unreadable)?;
            Ok((row, intent))
        };
        let others = rows_of(&rows, 2).first().ok_or(Code::Internal)?;
        let mut others = Columns::of(others);
        Ok(Known {
            revision: BotRow::read(rows_of(&rows, 0).first()).revision,
            rows: rows_of(&rows, 1).iter().map(read).collect::<Result<_, Problem>>()?,
            bytes: others.uint(),
            others: json::from_str(&others.text()).map_err(|_| Code::Internal)?,
            pictures: others.text(),
        })
    }

    fn old(&self, id: &IntentId) -> Option<&(IntentRow, Intent)> {
        self.rows.iter().find(|(row, _)| row.id == id.as_str())
    }

    async fn save<D: Database>(
        &self,
        cx: &Context<'_, D>,
        who: &AgentPrincipal,
        written: &[(IntentId, Intent)],
        action: &str,
        target: &str,
        detail: &str,
    ) -> Result<(), Problem> {
        let is_written = |id: &str| written.iter().any(|(written, _)| written.as_str() == id);
        let is_known = |id| self.others.contains(id) || self.old(id).is_some() || is_written(id.as_str());
        if !written.iter().flat_map(|(_, intent)| &intent.says.buttons).all(is_known) {
            return Err(Problem::field("buttons", "not intents of this workspace"));
        }
        self.check_addresses(cx.loopback, written)?;
        self.check_pictures(written)?;
        let kept = self.rows.iter().filter(|(row, _)| !is_written(&row.id));
        self.check_articles(cx, who, written).await?;
        self.check_teams(cx, who, written).await?;
        self.check_tags(cx, who, written).await?;
        let n_intents = self.others.len() + kept.clone().count() + written.len();
        let row = |(id, intent): &(IntentId, Intent)| {
            IntentRow::of(id, intent, bot::written_at(cx, self.old(id).map(|(row, _)| row.updated_at)))
        };
        let rows: Option<Vec<IntentRow>> = written.iter().map(row).collect();
        let rows = rows.ok_or(Code::Internal)?;
        let bytes = self.bytes + kept.map(|(row, _)| row).chain(&rows).map(IntentRow::bytes).sum::<u64>();
        if n_intents > INTENTS_MAX {
            return Err(Problem::new(Code::TooLarge, format!("more than {INTENTS_MAX} intents")));
        }
        if bytes > KNOWLEDGE_BYTES as u64 {
            return Err(Problem::new(
                Code::TooLarge,
                format!("all intents together: more than {KNOWLEDGE_BYTES} bytes"),
            ));
        }
        let is_alike = |(id, new): &(IntentId, Intent)| self.old(id).is_some_and(|(_, old)| old.teaches_like(new));
        let touches = if written.iter().all(is_alike) { Touches::Words } else { Touches::Lessons };
        let stamp = bot::stamp(cx);
        let writes = intents::write(&who.workspace, &stamp, &rows);
        let change = Change { revision: self.revision, touches, action, target, detail };
        bot::commit(cx, who, &stamp, change, writes).await
    }

    /// What is called from now on may be. What may not any more hinders no other change: it is not called.
    fn check_addresses(&self, loopback: bool, written: &[(IntentId, Intent)]) -> Result<(), Problem> {
        let before = |id| self.old(id).and_then(|(_, old)| old.says.action.as_ref());
        for (id, intent) in written {
            let Some(action) = intent.says.action.as_ref().filter(|action| Some(*action) != before(id)) else {
                continue;
            };
            outgoing::host_of(&action.url, loopback)
                .map_err(|why| Problem::field("action", format!("{id}: {why}")).with_code(Code::UrlRefused))?;
        }
        Ok(())
    }

    /// What is named from now on. What is gone since it was named hinders no other change.
    fn named<'a, T: PartialEq>(
        &'a self,
        written: &'a [(IntentId, Intent)],
        by: impl Fn(&'a Says) -> &'a [T],
    ) -> Vec<&'a T> {
        let mut all = Vec::new();
        for (id, intent) in written {
            let before = self.old(id).map_or(&[][..], |(_, old)| by(&old.says));
            for named in by(&intent.says).iter().filter(|named| !before.contains(named)) {
                if !all.contains(&named) {
                    all.push(named);
                }
            }
        }
        all
    }

    /// What they answer with from now on is there, though it may be a draft.
    async fn check_articles<D: Database>(
        &self,
        cx: &Context<'_, D>,
        who: &AgentPrincipal,
        written: &[(IntentId, Intent)],
    ) -> Result<(), Problem> {
        let named = self.named(written, |says| says.article.as_slice());
        let named: Vec<&str> = named.into_iter().map(ArticleId::as_str).collect();
        all_there(cx, articles::list(&who.workspace), named, "article", "not an article of this workspace").await
    }

    /// What they show from now on is there, in either language.
    fn check_pictures(&self, written: &[(IntentId, Intent)]) -> Result<(), Problem> {
        for (id, intent) in written {
            let old = self.old(id).map(|(_, old)| &old.says.picture);
            let Words { en, zh } = &intent.says.picture;
            for picture in [en, zh] {
                let is_old = old.is_some_and(|old| *picture == old.en || *picture == old.zh);
                let name = image::parts(picture).0;
                if !is_old && !name.is_empty() && !self.pictures.split(' ').any(|there| there == name) {
                    return Err(Problem::field("picture", "not a picture of this workspace"));
                }
            }
        }
        Ok(())
    }

    /// What they put on conversations from now on is there.
    async fn check_tags<D: Database>(
        &self,
        cx: &Context<'_, D>,
        who: &AgentPrincipal,
        written: &[(IntentId, Intent)],
    ) -> Result<(), Problem> {
        let named = self.named(written, |says| says.tags.as_slice());
        let named: Vec<&str> = named.into_iter().map(TagId::as_str).collect();
        all_there(cx, tags::list(&who.workspace), named, "tags", "not tags of this workspace").await
    }

    /// Whom they name to take over from now on is there.
    async fn check_teams<D: Database>(
        &self,
        cx: &Context<'_, D>,
        who: &AgentPrincipal,
        written: &[(IntentId, Intent)],
    ) -> Result<(), Problem> {
        let teams = self.named(written, |says| says.handoff_team.as_slice());
        if teams.is_empty() {
            return Ok(());
        }
        let row = cx.one(team_rows::there(&who.workspace, &teams)).await?;
        let n_there = row.map_or(0, |row| Columns::of(&row).uint());
        (n_there == teams.len() as u64)
            .then_some(())
            .ok_or_else(|| Problem::field("handoff_team", "not a team of this workspace"))
    }
}

/// All of these ids are first columns of a list.
async fn all_there<D: Database>(
    cx: &Context<'_, D>,
    list: Statement,
    ids: Vec<&str>,
    field: &str,
    refused: &str,
) -> Result<(), Problem> {
    if ids.is_empty() {
        return Ok(());
    }
    let rows = cx.run(vec![list]).await?;
    let there = rows_of(&rows, 0).iter().filter(|row| ids.contains(&Columns::of(row).text().as_str())).count();
    (there == ids.len()).then_some(()).ok_or_else(|| Problem::field(field, refused))
}

/// There may be a secret in the address that an intent calls: whoever manages nothing sees its origin, and no intent that can't be read,
/// for nobody knows where a secret would be in that.
fn without_secrets(row: IntentRow) -> Option<IntentRow> {
    let says = row.intent()?.says;
    let Some(action) = &says.action else { return Some(row) };
    let url = outgoing::origin_of(&action.url);
    let says = Says { action: Some(Action { url, ..action.clone() }), ..says };
    Some(IntentRow { says: serde_json::to_string(&says).ok()?, ..row })
}

/// An intent as the API says it.
fn shown(row: &IntentRow) -> String {
    let IntentRow { id, updated_at, .. } = row;
    format!("{{\"id\":\"{id}\",{},\"updated_at\":\"{}\"}}", row.members(), updated_at.rfc3339())
}
