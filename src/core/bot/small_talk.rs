//! What people say to anyone, and what the bot says by itself. An intent of the owner's with the same id goes first.
//!
//! A message is small talk if, folded, it is one of these phrases and nothing more. Who wants a person is heard within a short
//! sentence, too ([`calls`]). What answers a question of the bot's own is small talk unless it has asked what is meant.
mod calls;

pub(super) use calls::{before_one, behind, has_one, is_letter};

use super::{dialogue::Language, features};

/// The intent that wants a person.
pub const HUMAN: &str = "human";
/// What asks for nothing yet.
const GO_ON: &str = "go_on";
/// The longest message within which a call for a person is heard, in folded characters.
const CALL_CHARS: usize = 60;
/// No phrase of small talk is longer, in folded characters.
const PHRASE_CHARS: usize = 30;

/// Words of the bot's own in both languages.
#[derive(Debug, Clone, Copy)]
pub struct Words {
    pub(super) en: &'static str,
    pub(super) zh: &'static str,
}

impl Words {
    /// In this language.
    pub const fn in_language(&self, language: Language) -> &'static str {
        match language {
            Language::En => self.en,
            Language::Zh => self.zh,
        }
    }
}

/// What follows from small talk.
#[derive(Debug, Clone, Copy)]
pub enum Talk {
    /// An answer.
    Answer(Words),
    /// A question, with a button for a person: whoever says yes to it once more is led on.
    Ask(Words),
    /// A person.
    Handoff,
}

/// The question back.
pub const WHICH: Words = Words {
    en: "I'm not sure I understood. Did you mean one of these?",
    zh: "我不太确定您的意思，您想问的是下面哪一个？",
};
/// The button beside the question back.
pub const PERSON: Words = Words { en: "Talk to a person", zh: "转人工客服" };
/// The last word where a person is wanted.
pub const HANDS_OVER: Words = Words {
    en: "I'm handing you over to a person. They can read everything we have written here.",
    zh: "正在为您转接人工客服，同事可以看到我们以上的全部对话。",
};
/// The last word where the bot knows no answer.
pub const CANNOT: Words = Words {
    en: "I can't answer that reliably, so I'm handing you over to a person. They can read everything we have written here.",
    zh: "这个问题我没有把握，正在为您转接人工客服，同事可以看到我们以上的全部对话。",
};
/// The last word where the owner's system does not answer.
pub const NO_REPLY: Words = Words {
    en: "I can't get an answer from our system at the moment, so I'm handing you over to a person. They can read everything we have written here.",
    zh: "我们的系统暂时没有响应，正在为您转接人工客服，同事可以看到我们以上的全部对话。",
};
/// The last word where it is asked for signed visitors alone.
pub const SIGN_IN: Words = Words {
    en: "I can only look that up for people who are signed in on this site, so I'm handing you over to a person.",
    zh: "此项查询仅对已登录本站的用户开放，正在为您转接人工客服。",
};

// The phrases are one text with bars: a table of texts is twice as large. Behind them stands what is said to a question.
const TABLE: [(&str, Talk, &str, &str); 7] = [
    (
        "greeting",
        Talk::Answer(Words { en: "Hello! What can I help you with?", zh: "您好！请问有什么可以帮您？" }),
        "hi|hello|hey|hi there|hello there|hey there|good morning|good afternoon|good evening|\
         howdy|greetings|anyone there|is anyone there|anybody there|hello anyone there|你好|您好|你好啊|\
         你好呀|您好啊|嗨|哈喽|哈罗|hello 你好|在吗|在么|在不|在不在|有人吗|有人在吗|有人么|早上好|上午好|中午好|下午好|晚上好|你好在吗|您好在吗|你好 在吗|\
         您好 在吗|亲|亲 在吗|喂",
        "",
    ),
    (
        "thanks",
        Talk::Answer(Words {
            en: "You're welcome! Is there anything else I can help with?",
            zh: "不客气！还有什么可以帮您的吗？",
        }),
        "thanks|thank you|thx|ty|cheers|thanks a lot|thank you very much|thank you so much|\
         many thanks|great thanks|ok thanks|okay thanks|perfect thanks|thanks for your help|\
         thank you for your help|谢谢|谢谢你|谢谢您|谢谢啦|谢谢了|多谢|感谢|非常感谢|太感谢了|好的谢谢|好的 谢谢|好 谢谢|谢啦|谢了|谢谢 明白了|\
         明白了谢谢|知道了谢谢|知道了 谢谢|3q|thank u|yes thanks|yes thank you",
        "ok|okay|great|perfect|got it|it helped|yes it helped|好|好的|好吧|可以|嗯|知道了|明白|明白了|了解|收到|有帮助",
    ),
    (
        "goodbye",
        Talk::Answer(Words { en: "Goodbye, and have a good day!", zh: "再见，祝您生活愉快！" }),
        "bye|goodbye|good bye|bye bye|see you|see ya|thanks bye|have a nice day|have a good day|\
         good night|再见|拜拜|拜|再会|回头见|下次再聊|晚安|谢谢再见|谢谢 再见|88|没事了|没有了|没有了谢谢|没有了 谢谢|没了|nothing else|\
         thats all|that is all|thats all thanks|no thanks|no thank you|no thats all|thats it|不用|不用了|\
         不用了谢谢|不用了 谢谢|不需要|不了 谢谢|没有 谢谢|没事",
        "",
    ),
    (
        "bot_identity",
        Talk::Answer(Words {
            en: "I'm an automated assistant. If you would rather talk to a person, just say so.",
            zh: "我是自动回复助手。如果您想和人工客服沟通，请告诉我“转人工”。",
        }),
        "are you a bot|are you a robot|are you human|are you a human|are you real|\
         are you a real person|is this a bot|am i talking to a bot|am i talking to a robot|\
         am i talking to a real person|who are you|what are you|你是机器人吗|你是机器人|你是机器人么|你是真人吗|你是人吗|\
         你是人工吗|你是ai吗|是机器人吗|是人工吗|是真人吗|你是谁|机器人吗|您是机器人吗|您是真人吗",
        "",
    ),
    (
        HUMAN,
        Talk::Handoff,
        "human|agent|person|representative|operator|real person|human please|agent please|\
         a human please|customer service|support|help me a human|人工|真人|客服|人工人工|要人工|找人工|找客服|我找客服|\
         联系客服|我要真人|转客服|人呢|人工呢|客服呢|接人工|请转人工|叫人工",
        "",
    ),
    (
        GO_ON,
        Talk::Ask(Words {
            en: "What can I help you with? If you would rather talk to a person, just say so.",
            zh: "请问有什么可以帮您？如果您想和人工客服沟通，请告诉我“转人工”。",
        }),
        "",
        "yes|yes please|yeah|yep|sure|是|是的|对|有|有的",
    ),
    // They need nothing more, or it did not help: nobody is sent away for that.
    (
        "no",
        Talk::Answer(Words {
            en: "All right. If there is anything else, or you would rather talk to a person, just say so.",
            zh: "好的。如果还有其他问题，或想和人工客服沟通，请告诉我。",
        }),
        "",
        "no|nope|not really|没有|没|不|不是|不了",
    ),
];

/// The intent that a folded message is. `answers`: as it was written, where it may answer "Is there anything else?", or whether something
/// helped. Of what has no words a question mark wants an answer then, and a friendly sign is thanks; an angry one is left to people.
pub fn find(folded: &[char], answers: Option<&str>) -> Option<&'static str> {
    // Most messages are longer than any phrase, and those that are longer than any call are not looked at.
    if folded.len() > CALL_CHARS {
        return None;
    }
    let text = features::folded(folded);
    let text = text.trim();
    if text.is_empty() {
        return match answers?.chars().find(|letter| is_sign(*letter))? {
            '?' | '？' => Some(GO_ON),
            _ => Some("thanks"),
        };
    }
    let is_said = |phrases: &str| phrases.split('|').any(|phrase| phrase == text);
    let mut table = TABLE.iter().filter(|_| folded.len() <= PHRASE_CHARS);
    let whole = table.find(|(_, _, phrases, nods)| is_said(phrases) || answers.is_some() && is_said(nods));
    whole.map(|(id, ..)| *id).or_else(|| calls::is_one(text).then_some(HUMAN))
}

/// Question marks, hands, smiles and a heart.
fn is_sign(letter: char) -> bool {
    matches!(letter, '?' | '？' | '👋'..='👍' | '👏' | '🙏' | '😀'..='😎' | '🙂' | '❤')
}

/// What is built in under this id.
pub fn by_id(id: &str) -> Option<Talk> {
    TABLE.iter().find(|(known, ..)| *known == id).map(|(_, talk, ..)| *talk)
}

/// Every phrase, for the tests.
#[cfg(test)]
pub fn phrases() -> impl Iterator<Item = (&'static str, &'static str)> {
    let whole = TABLE.iter().flat_map(|(id, _, phrases, _)| phrases.split('|').map(|phrase| (*id, phrase)));
    let calls = calls::CALLS.split('|').chain(calls::NAMES.split('|'));
    whole.chain(calls.map(|call| (HUMAN, call))).filter(|(_, phrase)| !phrase.is_empty())
}

/// Every answer to a question.
#[cfg(test)]
pub fn nods() -> impl Iterator<Item = (&'static str, &'static str)> {
    let nods = TABLE.iter().flat_map(|(id, .., nods)| nods.split('|').map(|phrase| (*id, phrase)));
    nods.filter(|(_, phrase)| !phrase.is_empty())
}

#[cfg(test)]
mod tests;
