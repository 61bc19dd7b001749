/**
 * The flags of subscribing: what is asked for, what is printed of it, and when it ends.
 */

import { ReasonCode } from "../../src/protocol/reason_code.ts";
import type { ServerScript } from "./recording_server.ts";
import { CONNECT, type ParityRow, rowsOf } from "./row.ts";

const sub = rowsOf("sub");

const SUBSCRIBE = "SUBSCRIBE 't' q0";
const ONE: ServerScript = { messages: [{}] };
const MIXED: ServerScript = {
  messages: [
    { payload: "old", retain: true },
    { payload: "new" },
    { topic: "t/skip", payload: "skipped" },
    { payload: "newer" },
  ],
};

export const SUB_ROWS: readonly ParityRow[] = [
  sub("-t, --topic", "subscribes to several Topic Filters", "-t home/+/temp --topic t -C 1", {
    stdout: "m\n",
    sent: [CONNECT, "SUBSCRIBE 'home/+/temp' q0 't' q0"],
  }, { script: ONE }),
  sub("-t, --topic", "refuses what is no Topic Filter", "-t a#", { code: 1, sent: [] }),
  sub("-t, --topic", "must be there", "-C 1", { code: 1, sent: [] }),
  sub("-q, --qos", "asks for QoS 2", "-t t -q 2 -C 3", {
    stdout: "0\n1\n2\n",
    sent: [CONNECT, "SUBSCRIBE 't' q2"],
  }, {
    script: {
      messages: [{ payload: "0" }, { payload: "1", qos: 1 }, { payload: "2", qos: 2 }],
    },
  }),
  sub("-q, --qos", "refuses 3", "-t t --qos 3", { code: 1, sent: [] }),
  sub("-C", "ends after so many messages", "-t t -C 2", { stdout: "1\n2\n" }, {
    script: { messages: [{ payload: "1" }, { payload: "2" }, { payload: "3" }] },
  }),
  sub("-C", "refuses 0", "-t t -C 0", { code: 1, sent: [] }),
  sub("-E", "ends when it is subscribed", "-t t -E", { stdout: "", sent: [CONNECT, SUBSCRIBE] }),
  sub("-W", "ends after so many seconds with 27", "-t t -W 1", {
    code: 27,
    stdout: "m\n",
    sent: [CONNECT, SUBSCRIBE],
  }, { script: ONE }),
  sub("-W", "ends after so many seconds when the server says nothing", "-t t -W 1", {
    code: 255,
    sent: [CONNECT],
  }, {
    script: { isSilent: true },
    ours: { code: 27 },
    why: "27 means that the time was over, whatever was waited for",
  }),
  sub("-W", "refuses 0", "-t t -W 0", { code: 1, sent: [] }),
  sub("-T, --filter-out", "leaves messages out", "-t t/# -T t/skip -C 3", {
    stdout: "old\nnew\nnewer\n",
    sent: [CONNECT, "SUBSCRIBE 't/#' q0"],
  }, { script: MIXED }),
  sub("-T, --filter-out", "takes the long name and wildcards", "-t t/# --filter-out t/+ -C 3", {
    stdout: "old\nnew\nnewer\n",
  }, { script: MIXED }),
  sub("-T, --filter-out", "refuses what is no Topic Filter", "-t t -T a#", { code: 1, sent: [] }),
  sub("-U, --unsubscribe", "unsubscribes after it has subscribed", "-t t -U u --unsubscribe v -E", {
    sent: [CONNECT, SUBSCRIBE, "UNSUBSCRIBE 'u'", "UNSUBSCRIBE 'v'"],
  }),
  sub("-U, --unsubscribe", "needs no -t", "-U u -E", { sent: [CONNECT, "UNSUBSCRIBE 'u'"] }, {
    since: "2.1",
  }),
  sub("-R", "asks for no retained messages, and prints none", "-t t -R -C 2", {
    stdout: "new\nskipped\n",
    sent: [CONNECT, "SUBSCRIBE 't' q0 handling2"],
  }, { script: MIXED }),
  sub("--retained-only", "ends at the first message that is not retained", "-t t --retained-only", {
    stdout: "old\n",
    sent: [CONNECT, SUBSCRIBE],
  }, { script: MIXED }),
  // With -C, Mosquitto's tool may wait for ever once the PUBACK has come before the last message.
  sub("--remove-retained", "clears what is retained", "-t t/# -T t/skip -W 1 --remove-retained", {
    code: 27,
    stdout: "old\nnew\nnewer\n",
    sent: [CONNECT, "SUBSCRIBE 't/#' q0", "PUBLISH 't' q1 retain ''"],
  }, { script: MIXED }),
  sub("--retain-as-published", "asks for it", "-t t -E --retain-as-published", {
    sent: [CONNECT, "SUBSCRIBE 't' q0 retainAsPublished"],
  }),
  sub(
    "--retain-handling",
    "asks for retained messages of new subscriptions only",
    "-t t -E --retain-handling new",
    { sent: [CONNECT, "SUBSCRIBE 't' q0 handling1"] },
    { since: "2.1" },
  ),
  sub("--retain-handling", "asks for no retained messages", "-t t -E --retain-handling never", {
    sent: [CONNECT, "SUBSCRIBE 't' q0 handling2"],
  }, { since: "2.1" }),
  sub("--retain-handling", "asks for retained messages", "-t t -E --retain-handling always", {
    sent: [CONNECT, SUBSCRIBE],
  }, { since: "2.1" }),
  sub("--retain-handling", "refuses other words", "-t t -E --retain-handling often", {
    code: 1,
    sent: [],
  }, { since: "2.1" }),
  sub("-v, --verbose", "prints the topic", "-t t -v -C 2", { stdout: "t m\nt (null)\n" }, {
    script: { messages: [{}, { payload: "" }] },
  }),
  sub("-v, --verbose", "takes the long name", "-t t --verbose -C 1", { stdout: "t m\n" }, {
    script: ONE,
  }),
  sub("-N", "prints no end of line", "-t t -N -C 2", { stdout: "mm" }, {
    script: { messages: [{}, {}] },
  }),
  sub("-N", "goes with -v", "-t t -N -v -C 2", { stdout: "t m" }, {
    script: { messages: [{}, { payload: "" }] },
  }),
  sub("--random-filter", "prints everything with 100", "-t t --random-filter 100 -C 2", {
    stdout: /^(m\n)*$/,
  }, {
    script: { messages: [{}, {}] },
    ours: { stdout: "m\nm\n" },
    why: "Mosquitto prints a tenth of the messages that its manual promises",
  }),
  sub("--random-filter", "refuses 0", "-t t --random-filter 0 -C 1", { code: 1, sent: [] }),
  sub("--message-rate", "prints how many came", "-t t --message-rate -W 2", {
    code: 27,
    stdout: /^\D*2\b/,
  }, { script: { messages: [{}, {}] }, since: "2.1" }),
  sub("-w, --watch", "gives each topic a line", "-t t -C 1 --watch", {
    stdout: /^\p{Cc}\[2J\p{Cc}\[1;1H.*\n?.*\p{Cc}\[2;1Hm\n/su,
  }, {
    script: ONE,
    since: "2.1",
    ours: { stdout: "m\n" },
    why: "the screen is moved about on a terminal only; elsewhere lines are printed as they come",
  }),
  sub("exit code", "is 0 when every subscription is refused", "-t t", {
    code: 0,
    says: /denied|refused|not authorized/i,
  }, { script: { subackCode: ReasonCode.NotAuthorized } }),
  sub("exit code", "is 0 when the server ends an MQTT 5 connection for good", "-t t", {
    sent: [CONNECT, SUBSCRIBE],
  }, {
    script: { messages: [{}], disconnect: ReasonCode.SessionTakenOver },
    ours: { code: ReasonCode.SessionTakenOver },
    why: "a script must be able to tell: the exit code is the Reason Code of DISCONNECT",
  }),
  sub("exit code", "is 0 when nobody reads what is printed any more", "-t t", {
    code: 0,
    sent: [CONNECT, SUBSCRIBE, "DISCONNECT"],
  }, { script: ONE, stdoutIs: "gone", exact: true }),
  sub("exit code", "is 0 when the disk is full", "-t t", { code: 0, sent: [CONNECT, SUBSCRIBE] }, {
    script: ONE,
    stdoutIs: "full",
    ours: { code: 1, says: /No space left/ },
    why: "messages are lost: a script must be able to tell",
  }),
];
