//! The picture of an intent's answer: as its owner names it, and as a message shows it.
use serde::{Deserialize, Serialize};

use super::{dialogue::Language, intent::Words, written};
use crate::core::{
    limits::{ALT_CHARS, ANSWER_PICTURE_SIDE},
    picture,
    problem::Problem,
};

/// A picture that was uploaded, and what stands for it where it is not seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Picture {
    /// Its public name.
    pub hash: String,
    /// In pixels.
    #[serde(default)]
    pub width: u32,
    /// In pixels.
    #[serde(default)]
    pub height: u32,
    /// In words; where there are none it says nothing that the text does not say.
    #[serde(default)]
    pub alt: Words,
}

/// The same in a message, in the language of its text.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Image {
    /// See there.
    pub hash: String,
    /// So that its place can be kept until it is loaded.
    pub width: u32,
    /// See there.
    pub height: u32,
    /// In words.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub alt: String,
}

impl Picture {
    /// Whether it can be what an upload was answered with.
    pub fn is_one(&self) -> bool {
        let fits = |side: u32| (1..=ANSWER_PICTURE_SIDE).contains(&side);
        picture::is_hash(&self.hash) && fits(self.width) && fits(self.height)
    }

    /// As an owner gives it, tidied; none: with an empty hash it is none.
    ///
    /// # Errors
    /// It can be none, or its words are too many.
    pub fn checked(self) -> Result<Option<Self>, Problem> {
        if self.hash.is_empty() {
            return Ok(None);
        }
        if !self.is_one() {
            return Err(Problem::field("picture", "not as an upload was answered"));
        }
        let line = |text: &str| written::line("picture", text, ALT_CHARS);
        let alt = Words { en: line(&self.alt.en)?, zh: line(&self.alt.zh)? };
        Ok(Some(Picture { alt, ..self }))
    }

    /// Under a text of this language.
    pub fn shown(&self, language: Language) -> Image {
        let Picture { hash, width, height, alt } = self;
        let alt = alt.in_language(language).to_owned();
        Image { hash: hash.clone(), width: *width, height: *height, alt }
    }
}

impl Image {
    /// Where there are no pictures.
    pub fn plain(&self) -> String {
        if self.alt.is_empty() { "[image]".to_owned() } else { ["[image: ", &self.alt, "]"].concat() }
    }
}
