//! What a bot learns from.

/// One sentence that means an intent, or none of them.
#[derive(Debug, Clone, PartialEq)]
pub struct Example {
    /// What a visitor might write.
    pub text: String,
    /// Index into [`Corpus::intents`]; none: background, which speaks for no intent (what is off in the library).
    pub intent: Option<u16>,
    /// How much it counts: 1 is the norm, an owner's own sentence beside the library's counts more.
    pub weight: f32,
}

impl Example {
    /// An example of the usual weight.
    pub fn new(text: impl Into<String>, intent: u16) -> Self {
        Self { text: text.into(), intent: Some(intent), weight: 1.0 }
    }
}

/// Intents and their examples. Their order is part of what is learnt: the same corpus gives the same bytes.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Corpus {
    /// The intents' ids, in the order of the classes.
    pub intents: Vec<String>,
    /// Their examples.
    pub examples: Vec<Example>,
}

impl Corpus {
    /// The class of an intent's id, which is added if it is new. None: there are as many as a model can hold.
    pub fn intent(&mut self, id: &str) -> Option<u16> {
        let known = self.intents.iter().position(|other| other == id);
        let class = known.unwrap_or(self.intents.len());
        if class >= super::model::MAX_INTENTS {
            return None;
        }
        if known.is_none() {
            self.intents.push(id.to_owned());
        }
        u16::try_from(class).ok()
    }

    /// An intent with its titles and examples: titles are examples, too. False: no room for another intent.
    pub fn add<'text>(&mut self, id: &str, texts: impl IntoIterator<Item = &'text str>) -> bool {
        let Some(class) = self.intent(id) else { return false };
        self.examples.extend(texts.into_iter().map(|text| Example::new(text, class)));
        true
    }
}
