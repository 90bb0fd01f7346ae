use super::*;
use crate::core::bot::features::fold;

#[test]
fn phrases_are_as_they_are_compared_and_mean_one_thing() {
    let mut seen = std::collections::BTreeMap::new();
    for (id, phrase) in phrases() {
        let folded = fold(phrase);
        assert_eq!(folded.iter().collect::<String>().trim(), phrase, "not as it is folded");
        assert_eq!(find(&folded, None), Some(id), "{phrase}");
        assert!(seen.insert(phrase, id).is_none_or(|before| before == id), "{phrase} is twice there");
        assert!(by_id(id).is_some());
    }
    for (id, phrase) in nods() {
        let folded = fold(phrase);
        assert_eq!(folded.iter().collect::<String>().trim(), phrase, "not as it is folded");
        assert_eq!((find(&folded, None), find(&folded, Some(phrase))), (None, Some(id)), "{phrase}");
        assert!(seen.insert(phrase, id).is_none(), "{phrase} is twice there");
    }
}

#[test]
fn no_phrase_is_longer_than_what_is_compared_and_every_call_is_of_people() {
    for (_, phrase) in phrases().chain(nods()) {
        assert!(phrase.chars().count() < PHRASE_CHARS, "{phrase}");
    }
    for call in calls::CALLS.split('|').chain(calls::NAMES.split('|')) {
        assert!(calls::PEOPLE.split('|').any(|people| call.contains(people)), "{call}");
    }
}

#[test]
fn who_calls_a_person_is_heard_and_who_wants_none_is_not() {
    for text in [
        "I want a human",
        "I need a human!",
        "get me a human",
        "i need a real person",
        "talk to human",
        "talk to a real human",
        "talk to a representative",
        "Could I speak to your representative?",
        "speak with customer service",
        "chat with an agent",
        "chat with a person",
        "transfer me to an agent",
        "connect me to an agent please",
        "can i speak with someone about it",
        "what do I have to do to talk to a person?",
        "let me talk to customer service",
        "Human agent, now",
        "can I get a live agent",
        "I don't want a bot, I want to talk to a human",
        "this is not working get me a human",
        "no, let me speak to an agent",
        "I'd like to speak with an actual person",
        "我要人工",
        "我要人工！",
        "我要找人工",
        "我要找客服",
        "我要客服",
        "联系客服",
        "帮我接人工",
        "请帮我转接客服",
        "轉接真人",
        "我要跟真人講",
        "不行，转人工",
        "不用了，不需要。转人工",
        "机器人没用转人工",
        "为什么不给我转人工",
        "我特别想找真人",
        "人工客服在吗",
        "有没有人工",
        "有人工客服嗎？",
    ] {
        assert_eq!(find(&fold(text), Some(text)), Some(HUMAN), "{text}");
    }
    for text in [
        "退款需要人工审核多久？",
        "需要人工安装吗",
        "有没有人工安装",
        "订单转人工审核要多久",
        "直接人工审核吗",
        "我要人工安装",
        "人工服务费多少钱",
        "人工客服几点上班",
        "人工服务时间是几点到几点",
        "我要客服电话",
        "怎么联系客服的",
        "别给我转人工",
        "不想要人工",
        "没必要转人工",
        "无需人工客服",
        "不要真人客服",
        "請不要轉接人工客服",
        "不用帮我联系人工客服",
        "我不想找真人",
        "要不要转人工",
        "我是在跟真人聊天吗",
        "我不想跟真人聊",
        "I don't want a human agent",
        "I'd rather not talk to a human",
        "I prefer not to speak with anyone, not to an agent",
        "please don't connect me to an agent",
        "do not transfer me to a human",
        "I do not need to talk to a person",
        "do I need to talk to a person for that?",
        "Is a human agent more expensive?",
        "how long does a live agent take",
        "I need a person to carry it",
        "I need someone's address",
        "talk to a humanoid",
    ] {
        assert_eq!(find(&fold(text), Some(text)), None, "{text}");
    }
}

/// What people ask of other things calls nobody.
#[test]
fn no_sentence_of_another_intent_in_the_library_calls_a_person() {
    let library = concat!(env!("CARGO_MANIFEST_DIR"), "/library");
    let mut n_asked = 0;
    for folder in ["intents", "held-out"] {
        for file in std::fs::read_dir(format!("{library}/{folder}")).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            let intent: serde_json::Value = serde_json::from_str(&text).unwrap();
            if intent["id"] == HUMAN {
                continue;
            }
            let sentences = intent.get("examples").unwrap_or(&intent);
            for sentence in ["en", "zh"].iter().flat_map(|language| sentences[language].as_array().unwrap()) {
                let sentence = sentence.as_str().unwrap();
                n_asked += 1;
                assert_ne!(find(&fold(sentence), None), Some(HUMAN), "{sentence}");
            }
        }
    }
    assert!(n_asked > 5_000);
}
