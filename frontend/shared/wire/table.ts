// Written by scripts/wire-table.mjs from proto/bellhop.proto. Not edited by hand.
//
// One line per message: its name, then its fields as number, mark, name, type.
// Mark: ":" single, "*" repeated, "|" member of the message's oneof.
// Type: s string, u uint64, b bool, e enum, m map<string, string>, otherwise the name of a message.

/** What a visitor sends and receives. */
export const VISITOR_TABLE = `Participant 1:kind:e 2:id:s 3:name:s
ConversationState 1:status:e 2:snoozedUntil:u 3:assignee:Participant 4:assignmentEpoch:u
Activity 1:kind:e 2:actor:Participant 3:subject:Participant 4:status:e 5:reason:s
Message 1:seq:u 2:id:s 3:sender:Participant 4:at:u 5:clientId:s 10|text:s 11|activity:Activity
Receipt 1:participant:Participant 2:delivered:u 3:read:u
ClientFrame 1|hello:Hello 2|send:Send 3|delivered:Delivered 4|read:Read 5|page:PageRequest 6|typing:Typing 7|renew:Renew 8|identify:Identify
Hello 1:logEpoch:u 2:after:u 3:tip:s 4:afterPrivate:u 5:delivered:u 6:read:u 7:context:Context 8:tipPrivate:s
Context 1:pageUrl:s 2:pageTitle:s 3:referrer:s 4:locale:s 5:timezone:s
Send 1:clientId:s 2:text:s
Delivered 1:seq:u
Read 1:seq:u
PageRequest 1:log:e 2:before:u
Typing 1:on:b 2:preview:s 3:participant:Participant
Renew 1:ticket:s
Identify 1:name:s 2:email:s 3:attributes:m
ServerFrame 1|welcome:Welcome 2|message:Message 3|ack:Ack 4|receipt:Receipt 5|typing:Typing 6|presence:Presence 7|state:ConversationState 8|page:Page 9|error:Error 10|done:Done
Welcome 1:logEpoch:u 2:head:u 3:you:Participant 4:conversation:s 5:state:ConversationState 6*receipts:Receipt 7*messages:Message 8:more:b 9:presence:Presence 10:now:u 11:reset:b
Ack 1:clientId:s 2:seq:u 3:at:u 4:id:s
Presence 1*agents:Participant 2:visitor:b
Page 1:before:u 2*messages:Message 3:more:b
Error 1:code:s 2:message:s 3:retryable:b 4:retryAfterMs:u 5:clientId:s 6:holder:Participant
Done 1:clientId:s`;

/** Every message; enums carry their names. */
export const FULL_TABLE = `Participant 1:kind:eSenderKind 2:id:s 3:name:s
ConversationState 1:status:eStatus 2:snoozedUntil:u 3:assignee:Participant 4:assignmentEpoch:u
Activity 1:kind:eActivityKind 2:actor:Participant 3:subject:Participant 4:status:eStatus 5:reason:s
Message 1:seq:u 2:id:s 3:sender:Participant 4:at:u 5:clientId:s 10|text:s 11|activity:Activity
PrivateMessage 1:seq:u 2:id:s 3:sender:Participant 4:at:u 5:clientId:s 6:follows:u 10|note:s 11|activity:Activity
Receipt 1:participant:Participant 2:delivered:u 3:read:u
VisitorProfile 1:id:s 2:name:s 3:email:s 4:verified:b 5:blocked:b 6:locale:s 7:timezone:s 8:pageUrl:s 9:pageTitle:s 10:referrer:s 11:userAgent:s 12:country:s 13:attributes:m
ClientFrame 1|hello:Hello 2|send:Send 3|delivered:Delivered 4|read:Read 5|page:PageRequest 6|typing:Typing 7|renew:Renew 8|identify:Identify 9|note:Note 10|setStatus:SetStatus 20|deskHello:DeskHello 21|claim:Claim 22|release:Release 23|transfer:Transfer 24|setAvailability:SetAvailability 25|deskPage:DeskPageRequest
Hello 1:logEpoch:u 2:after:u 3:tip:s 4:afterPrivate:u 5:delivered:u 6:read:u 7:context:Context 8:tipPrivate:s
Context 1:pageUrl:s 2:pageTitle:s 3:referrer:s 4:locale:s 5:timezone:s
Send 1:clientId:s 2:text:s
Note 1:clientId:s 2:text:s
Delivered 1:seq:u
Read 1:seq:u
PageRequest 1:log:eLog 2:before:u
Typing 1:on:b 2:preview:s 3:participant:Participant
Renew 1:ticket:s
Identify 1:name:s 2:email:s 3:attributes:m
SetStatus 1:status:eStatus 2:snoozedUntil:u 3:clientId:s
DeskHello 1:deskEpoch:u 2:rev:u
Claim 1:clientId:s 2:conversation:s
Release 1:clientId:s 2:conversation:s 3:assignmentEpoch:u
Transfer 1:clientId:s 2:conversation:s 3:assignmentEpoch:u 4:agent:s 5:reason:s
SetAvailability 1:availability:eAvailability
DeskPageRequest 1:after:s
ServerFrame 1|welcome:Welcome 2|message:Message 3|ack:Ack 4|receipt:Receipt 5|typing:Typing 6|presence:Presence 7|state:ConversationState 8|page:Page 9|error:Error 10|done:Done
Welcome 1:logEpoch:u 2:head:u 3:you:Participant 4:conversation:s 5:state:ConversationState 6*receipts:Receipt 7*messages:Message 8:more:b 9:presence:Presence 10:now:u 11:reset:b
Ack 1:clientId:s 2:seq:u 3:at:u 4:id:s
Presence 1*agents:Participant 2:visitor:b
Page 1:before:u 2*messages:Message 3:more:b
Error 1:code:s 2:message:s 3:retryable:b 4:retryAfterMs:u 5:clientId:s 6:holder:Participant
Done 1:clientId:s
AgentFrame 1|welcome:Welcome 2|message:Message 3|ack:Ack 4|receipt:Receipt 5|typing:Typing 6|presence:Presence 7|state:ConversationState 8|page:Page 9|error:Error 10|done:Done 40|privateWelcome:PrivateWelcome 41|privateMessage:PrivateMessage 42|noteAck:Ack 43|privatePage:PrivatePage 44|visitor:VisitorProfile 60|deskWelcome:DeskWelcome 61|deskUpdate:DeskUpdate 62|deskPage:DeskPage 63|assigned:Assigned
PrivateWelcome 1:head:u 2*messages:PrivateMessage 3:more:b 4:visitor:VisitorProfile
PrivatePage 1:before:u 2*messages:PrivateMessage 3:more:b
AgentPresence 1:id:s 2:name:s 3:availability:eAvailability
DeskRow 1:conversation:s 2:site:s 3:visitor:s 4:visitorName:s 5:status:eStatus 6:snoozedUntil:u 7:assignee:Participant 8:assignmentEpoch:u 9:createdAt:u 10:rev:u 11:hasPreview:b 12:preview:s 13:previewSender:eSenderKind 14:lastAt:u 15:unread:u 16:visitorOnline:b 17:waitingSince:u
DeskWelcome 1:deskEpoch:u 2:rev:u 3:reset:b 4*rows:DeskRow 5*gone:s 6:next:s 7*agents:AgentPresence 8:you:Participant 9:now:u
DeskUpdate 1:rev:u 2*rows:DeskRow 3*gone:s 4*agents:AgentPresence
DeskPage 1*rows:DeskRow 2:next:s
Assigned 1:clientId:s 2:conversation:s 3:assignee:Participant 4:assignmentEpoch:u`;

/** Names and numbers of every enum, for proto3 JSON. */
export const ENUM_TABLE = `SenderKind 0:SENDER_UNKNOWN 1:VISITOR 2:AGENT 3:BOT 4:SYSTEM
Status 0:STATUS_UNKNOWN 1:PENDING 2:OPEN 3:SNOOZED 4:RESOLVED
ActivityKind 0:ACTIVITY_UNKNOWN 1:STATUS_CHANGED 2:JOINED 3:LEFT 4:ASSIGNED 5:RELEASED 6:VISITOR_BLOCKED 7:VISITOR_UNBLOCKED
Log 0:PUBLIC 1:PRIVATE
Availability 0:AVAILABILITY_UNKNOWN 1:ONLINE 2:AWAY 3:OFFLINE`;
