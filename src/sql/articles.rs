//! The articles of a workspace: one text for each language, shown once they are published.

use serde::Serialize;

use super::{bot, faq::rfc3339};
use crate::core::{
    bot::intent::Words,
    help::{Article, Listed, Owner},
    id::{ArticleId, WorkspaceId},
    port::{Columns, Row, Statement},
    time::Timestamp,
};

/// An article, or a line of the list of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ArticleRow {
    /// Which.
    pub id: ArticleId,
    /// Whether others than agents see it.
    pub published: bool,
    /// One line in each language; empty: it is not in this language.
    pub title: Words,
    /// Markdown; a list has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub body: Option<Words>,
    /// When it changed last.
    #[serde(serialize_with = "rfc3339")]
    pub updated_at: Timestamp,
}

impl ArticleRow {
    /// Reads a row of [`list`], or of [`find`].
    pub fn read(row: &Row, has_body: bool) -> Option<Self> {
        let mut columns = Columns::of(row);
        Some(ArticleRow {
            id: ArticleId::parse(&columns.text()).ok()?,
            published: columns.int() != 0,
            updated_at: Timestamp(columns.int()),
            title: words(&mut columns),
            body: has_body.then(|| words(&mut columns)),
        })
    }

    /// Bytes of its texts, as [`others`] counts them.
    pub fn bytes(&self) -> u64 {
        let of = |words: &Words| (words.en.len() + words.zh.len()) as u64;
        of(&self.title) + self.body.as_ref().map_or(0, of)
    }
}

fn words(columns: &mut Columns<'_>) -> Words {
    Words { en: columns.text(), zh: columns.text() }
}

const LIST: &str = "SELECT id, published, updated_at, title_en, title_zh FROM articles WHERE workspace = ? ORDER BY created_at DESC, id";
const FIND: &str = "SELECT id, published, updated_at, title_en, title_zh, body_en, body_zh FROM articles WHERE workspace = ? AND id = ?";
const OTHERS: &str = "SELECT COUNT(*) AS n, COALESCE(SUM(octet_length(title_en) + octet_length(title_zh) + octet_length(body_en) \
     + octet_length(body_zh)), 0) AS bytes FROM articles WHERE workspace = ? AND id <> ?";
/// What an intent tells, or all of them if a language model reads them.
const KNOWN: &str = "SELECT id, title_en, title_zh, body_en, body_zh FROM articles WHERE workspace = ?1 AND published \
     AND (EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND responder = 'model') \
     OR id IN (SELECT says ->> '$.article' FROM intents WHERE workspace = ?1)) ORDER BY created_at, id";
/// What is published is everybody's.
const SHOWN: &str = "SELECT a.id, a.title_en, a.title_zh, a.body_en, a.body_zh, w.id AS owner, w.name FROM articles a \
     JOIN workspaces w ON w.id = a.workspace WHERE a.id = ? AND a.published";
/// Of the workspace that is named; of the only one, if none is. Where there are several, nobody can be meant who is not named.
const LISTED: &str = "SELECT a.id, a.title_en, a.title_zh, w.id AS owner, w.name FROM articles a JOIN workspaces w ON w.id = a.workspace \
     WHERE a.workspace = COALESCE(?, (SELECT CASE WHEN COUNT(*) = 1 THEN MAX(id) END FROM (SELECT id FROM workspaces LIMIT 2))) AND a.published \
     ORDER BY a.created_at, a.id";
const WRITE: &str = "INSERT INTO articles (workspace, id, published, title_en, title_zh, body_en, body_zh, created_at, updated_at) \
     SELECT ?1, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?9 WHERE EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND stamp = ?2) \
     ON CONFLICT (id) DO UPDATE SET published = excluded.published, title_en = excluded.title_en, title_zh = excluded.title_zh, \
     body_en = excluded.body_en, body_zh = excluded.body_zh, updated_at = excluded.updated_at WHERE workspace = excluded.workspace";
const DELETE: &str = "DELETE FROM articles WHERE workspace = ?1 AND id = ?3 \
     AND EXISTS (SELECT 1 FROM bots WHERE workspace = ?1 AND stamp = ?2)";

/// All of them without their texts, newest first.
pub fn list(workspace: &WorkspaceId) -> Statement {
    Statement::new(LIST, [workspace.as_str().into()])
}

/// One.
pub fn find(workspace: &WorkspaceId, id: &ArticleId) -> Statement {
    Statement::new(FIND, [workspace.as_str().into(), id.as_str().into()])
}

/// How many others there are, and how large they are together.
pub fn others(workspace: &WorkspaceId, id: &ArticleId) -> Statement {
    Statement::new(OTHERS, [workspace.as_str().into(), id.as_str().into()])
}

/// Those that the bot has to know: published, and told by an intent or read by a model. Oldest first; read by [`read_known`].
pub fn known(workspace: &WorkspaceId) -> Statement {
    Statement::new(KNOWN, [workspace.as_str().into()])
}

/// One that is published, of whichever workspace; read by [`read_shown`].
pub fn shown(id: &ArticleId) -> Statement {
    Statement::new(SHOWN, [id.as_str().into()])
}

/// Those of a workspace that are published, without their texts; none: of the only one that there is. Read by [`read_listed`].
pub fn listed(workspace: Option<&WorkspaceId>) -> Statement {
    Statement::new(LISTED, [workspace.map(WorkspaceId::as_str).into()])
}

/// Reads a row of [`known`].
pub fn read_known(row: &Row) -> Option<Article> {
    article(&mut Columns::of(row))
}

/// Reads the row of [`shown`]: the article, and whose it is.
pub fn read_shown(row: &Row) -> Option<(Article, Owner)> {
    let mut columns = Columns::of(row);
    Some((article(&mut columns)?, owner(&mut columns)?))
}

/// Reads the rows of [`listed`]: the articles, and whose they are; none where there are none.
pub fn read_listed(rows: &[Row]) -> Option<(Vec<Listed>, Owner)> {
    let read = |row| {
        let mut columns = Columns::of(row);
        let id = ArticleId::parse(&columns.text()).ok()?;
        Some((Listed { id, title: words(&mut columns) }, owner(&mut columns)?))
    };
    let (listed, owners): (Vec<Listed>, Vec<Owner>) = rows.iter().filter_map(read).unzip();
    Some((listed, owners.into_iter().next()?))
}

fn owner(columns: &mut Columns<'_>) -> Option<Owner> {
    Some(Owner { workspace: WorkspaceId::parse(&columns.text()).ok()?, name: columns.text() })
}

fn article(columns: &mut Columns<'_>) -> Option<Article> {
    let id = ArticleId::parse(&columns.text()).ok()?;
    Some(Article { id, title: words(columns), body: words(columns) })
}

/// Writes it, behind a claim with this stamp.
pub fn write(workspace: &WorkspaceId, stamp: &str, row: &ArticleRow) -> Vec<Statement> {
    let ArticleRow { id, published, title, body, updated_at } = row;
    let body = body.clone().unwrap_or_default();
    vec![Statement::new(
        WRITE,
        [
            workspace.as_str().into(),
            stamp.into(),
            id.as_str().into(),
            i64::from(*published).into(),
            title.en.as_str().into(),
            title.zh.as_str().into(),
            body.en.as_str().into(),
            body.zh.as_str().into(),
            updated_at.0.into(),
        ],
    )]
}

/// Removes one, behind a claim with this stamp.
pub fn delete(workspace: &WorkspaceId, stamp: &str, id: &ArticleId) -> Vec<Statement> {
    bot::delete(DELETE, workspace, stamp, id.as_str())
}
