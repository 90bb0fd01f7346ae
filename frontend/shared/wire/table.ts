// Written by scripts/wire-table.mjs from proto/bellhop.proto. Not edited by hand.
//
// One line per message: its name, then its fields as number, mark, name, type.
// Number: only where it is not one more than the number before. Mark: "*" repeated, "|" member of the oneof.
// Type: "#" uint64, "?" bool, "=" enum, "%" map<string, string>, ":" a message, named unless its name is the field's with
// a capital; nothing for a string.

/** What a visitor's browser sends and reads. */
export const VISITOR_TABLE = `Participant kind= id name picture
ConversationState status= 3assignee:Participant
Activity kind= 3subject:Participant 7endsAt#
Choice id label
Message seq# id sender:Participant at# clientId 10|text |activity: *choices:Choice 14rating= image:
Image hash width# height# alt
Receipt participant: delivered# read#
ClientFrame |hello: |send: |delivered: |read: |page:PageRequest |typing: |renew: |identify: 11|leave: 13|rate: |leaveEmail:
Hello logEpoch# after# tip 5delivered# read# context:
Context pageUrl pageTitle referrer locale timezone
Send clientId text choice
Delivered seq#
Read seq#
PageRequest 2before#
Typing on? 3participant:
Renew ticket
Identify name email attributes%
Leave clientId
LeaveEmail clientId email name text
Rate seq# helpful? clientId
ServerFrame |welcome: |message: |ack: |receipt: |typing: |presence: |state:ConversationState |page: |error: |done: |queue: |grow:
Welcome logEpoch# 3you:Participant 5state:ConversationState *receipts:Receipt *messages:Message more? presence: now# reset? queue: growing
Ack clientId seq# at# id
Presence *agents:Participant
Page before# *messages:Message more?
Queue position# waitMs# opensAt# form?
Grow 2offset# text
Error code 3retryable? retryAfterMs# clientId
Done clientId`;

/** Every message; enums carry their names. */
export const FULL_TABLE = `Participant kind=SenderKind id name picture
ConversationState status=Status snoozedUntil# assignee:Participant assignmentEpoch#
Activity kind=ActivityKind actor:Participant subject:Participant status=Status reason team endsAt#
Choice id label
Message seq# id sender:Participant at# clientId 10|text |activity: *choices:Choice 14rating=Rating image:
Image hash width# height# alt
PrivateMessage seq# id sender:Participant at# clientId follows# 10|note |activity:
Receipt participant: delivered# read#
VisitorProfile id name email verified? blocked? locale timezone pageUrl pageTitle referrer userAgent country attributes% subject level# muted? *tags
ClientFrame |hello: |send: |delivered: |read: |page:PageRequest |typing: |renew: |identify: |note: |setStatus: |leave: |mute: |rate: |leaveEmail: |tag: 20|deskHello: |claim: |release: |transfer: |setAvailability: |deskPage:DeskPageRequest |probeAnswer: |accept: |decline:
Hello logEpoch# after# tip afterPrivate# delivered# read# context: tipPrivate
Context pageUrl pageTitle referrer locale timezone
Send clientId text choice
Note clientId text
Delivered seq#
Read seq#
PageRequest log=Log before#
Typing on? preview participant:
Renew ticket
Identify name email attributes%
SetStatus status=Status snoozedUntil# clientId
Mute clientId on?
Tag clientId tag on?
Leave clientId
LeaveEmail clientId email name text
Rate seq# helpful? clientId
DeskHello deskEpoch# rev# availability:SetAvailability
Claim clientId conversation
Release clientId conversation assignmentEpoch#
Transfer clientId conversation assignmentEpoch# agent reason team
SetAvailability availability=Availability idle?
DeskPageRequest after
ProbeAnswer probe# available?
Accept clientId conversation assignmentEpoch#
Decline clientId conversation assignmentEpoch#
ServerFrame |welcome: |message: |ack: |receipt: |typing: |presence: |state:ConversationState |page: |error: |done: |queue: |grow: |rated:
Welcome logEpoch# head# you:Participant conversation state:ConversationState *receipts:Receipt *messages:Message more? presence: now# reset? queue: growing *rated:
Ack clientId seq# at# id
Presence *agents:Participant visitor?
Page before# *messages:Message more?
Queue position# waitMs# opensAt# form?
Grow to# offset# text
Rated seq# rating=Rating
Error code message retryable? retryAfterMs# clientId holder:Participant
Done clientId
AgentFrame |welcome: |message: |ack: |receipt: |typing: |presence: |state:ConversationState |page: |error: |done: |queue: |grow: |rated: 40|privateWelcome: |privateMessage: |noteAck:Ack |privatePage: |visitor:VisitorProfile 60|deskWelcome: |deskUpdate: |deskPage: |assigned: |probe:
PrivateWelcome head# *messages:PrivateMessage more? visitor:VisitorProfile
PrivatePage before# *messages:PrivateMessage more?
AgentPresence id name availability=Availability picture
DeskRow conversation site visitor visitorName status=Status snoozedUntil# assignee:Participant assignmentEpoch# createdAt# rev# hasPreview? preview previewSender=SenderKind lastAt# unread# visitorOnline? waitingSince# ringUntil# queuedAt# team level# movedUp# 24followUp=FollowUp replyTo
DeskWelcome deskEpoch# rev# reset? *rows:DeskRow *gone next *agents:AgentPresence you:Participant now# answers:AnswersToday
AnswersToday all:AnswerTimes *lines:AnswerTimes
AnswerTimes team count# medianMs# p90Ms#
DeskUpdate rev# *rows:DeskRow *gone *agents:AgentPresence answers:AnswersToday
DeskPage *rows:DeskRow next
Probe id#
Assigned clientId conversation assignee:Participant assignmentEpoch# ringUntil#`;

/** Names and numbers of every enum, for proto3 JSON. */
export const ENUM_TABLE = `SenderKind 0:SENDER_UNKNOWN 1:VISITOR 2:AGENT 3:BOT 4:SYSTEM
Status 0:STATUS_UNKNOWN 1:PENDING 2:OPEN 3:SNOOZED 4:RESOLVED
ActivityKind 0:ACTIVITY_UNKNOWN 1:STATUS_CHANGED 2:JOINED 3:LEFT 4:ASSIGNED 5:RELEASED 6:VISITOR_BLOCKED 7:VISITOR_UNBLOCKED 8:TEAM_CHANGED 9:IDLE_WARNED 10:MUTED 11:UNMUTED 12:LEFT_EMAIL 13:HANDED_OVER
Rating 0:RATING_NONE 1:RATING_ASKED 2:HELPFUL 3:UNHELPFUL
Log 0:PUBLIC 1:PRIVATE
Availability 0:AVAILABILITY_UNKNOWN 1:ONLINE 2:AWAY 3:OFFLINE
FollowUp 0:FOLLOW_UP_NONE 1:FOLLOW_UP_EMAIL 2:FOLLOW_UP_GONE`;
