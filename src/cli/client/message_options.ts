/**
 * The options that say what is published, what is subscribed to, and what is printed.
 *
 * Owns the rows, in the order of the help; `message_settings.ts` says what each does.
 */

import { optionsOf } from "./client_option.ts";

const publish = optionsOf("Message", ["pub", "rr"]);
const subscribe = optionsOf("Subscription", ["sub"]);
const ending = optionsOf("When it ends", ["sub"]);
const output = optionsOf("Output", ["sub", "rr"]);
const other = optionsOf("Other");

const QOS = { choices: ["0", "1", "2"] };

export const MESSAGE_OPTIONS = [
  publish("topic", "-t --topic", "topic", "publish to this topic"),
  publish("responseTopic", "-e", "topic", "wait for the response on this topic", {
    tools: ["rr"],
  }),
  publish("message", "-m --message", "payload", "the payload"),
  publish("file", "-f --file", "file", "the content of the file is the payload"),
  publish("lines", "-l --stdin-line", "", "each line of standard input is a message", {
    tools: ["pub"],
  }),
  publish("input", "-s --stdin-file", "", "all of standard input is the payload"),
  publish("nullMessage", "-n --null-message", "", "the payload is empty"),
  publish("qos", "-q --qos", "qos", "publish with this QoS (default: 0)", QOS),
  publish("retain", "-r --retain", "", "the broker retains the message", { tools: ["pub"] }),
  publish("repeat", "--repeat", "count", "publish the message so many times", {
    tools: ["pub"],
  }),
  publish("repeatDelay", "--repeat-delay", "seconds", "wait in between, 0.5 for example", {
    tools: ["pub"],
  }),
  subscribe("topic", "-t --topic", "filter", "subscribe to this Topic Filter; repeatable"),
  subscribe("qos", "-q --qos", "qos", "subscribe with this QoS (default: 0)", QOS),
  subscribe("filterOut", "-T --filter-out", "filter", "ignore messages that match; repeatable"),
  subscribe("unsubscribe", "-U --unsubscribe", "filter", "unsubscribe from it; repeatable"),
  subscribe("noRetained", "-R", "", "no retained messages", { tools: ["sub", "rr"] }),
  subscribe(
    "retainedOnly",
    "--retained-only",
    "",
    "retained messages only; end at the first other",
  ),
  subscribe("removeRetained", "--remove-retained", "", "delete each retained message that comes"),
  subscribe(
    "retainAsPublished",
    "--retain-as-published",
    "",
    "messages keep the RETAIN flag that they were published with",
    { tools: ["sub", "rr"] },
  ),
  subscribe("retainHandling", "--retain-handling", "when", "when retained messages are sent", {
    tools: ["sub", "rr"],
    choices: ["always", "new", "never"],
  }),
  ending("count", "-C", "count", "end after so many messages"),
  ending("timeout", "-W", "seconds", "end after so many seconds, with exit code 27", {
    tools: ["sub", "rr"],
  }),
  ending("exitAfterSubscribe", "-E", "", "end when the broker has answered the subscriptions"),
  output("verbose", "-v --verbose", "", "print the topic before the payload"),
  output("format", "-F", "format", "print messages in this form, '%t %p' for example"),
  output("noNewline", "-N", "", "no line end after each message"),
  output("pretty", "--pretty", "", "JSON of -F in several lines"),
  output("randomFilter", "--random-filter", "percent", "print so many of the messages, by chance", {
    tools: ["sub"],
  }),
  output("messageRate", "--message-rate", "", "print only how many come in each second", {
    tools: ["sub"],
    since: "2.1",
  }),
  output("watch", "-w --watch", "", "each topic keeps its line on the screen", {
    tools: ["sub"],
    since: "2.1",
  }),
  output("latency", "--latency", "", "print how long the response took", {
    tools: ["rr"],
    since: "2.1",
  }),
  other("debug", "-d --debug", "", "print each packet that is sent and received"),
  other("quiet", "--quiet", "", "print no errors while running"),
  other("optionsFile", "-o", "file", "read options from this file, one a line"),
  other("help", "--help", "", "print this help"),
  other("version", "--version", "", "print the version"),
] as const;
