/**
 * `-D`: the properties of each packet.
 */

import { CONNECT, type ParityRow, rowsOf, type Tool } from "./row.ts";

const FLAG = "-D, --property";

/** What packet, name and value on the command line do to which line. */
type Property = readonly [words: string, shown: string];

const CONNECT_PROPERTIES: readonly Property[] = [
  ["receive-maximum 7", "receiveMaximum=7"],
  ["maximum-packet-size 1000", "maximumPacketSize=1000"],
  ["topic-alias-maximum 5", "topicAliasMaximum=5"],
  ["session-expiry-interval 60", "sessionExpiryInterval=60"],
  ["request-problem-information 0", "requestProblemInformation=0"],
  ["request-response-information 1", "requestResponseInformation=1"],
  ["user-property unit C", "userProperties='unit':'C'"],
];

const PUBLISH_PROPERTIES: readonly Property[] = [
  ["payload-format-indicator 1", "payloadFormatIndicator=1"],
  ["message-expiry-interval 60", "messageExpiryInterval=60"],
  ["content-type text/plain", "contentType='text/plain'"],
  ["response-topic r", "responseTopic='r'"],
  ["correlation-data c17", "correlationData='c17'"],
  ["user-property unit C", "userProperties='unit':'C'"],
];

const WILL_PROPERTIES: readonly Property[] = [
  ...PUBLISH_PROPERTIES,
  ["will-delay-interval 5", "willDelayInterval=5"],
];

const pub = rowsOf("pub");
const sub = rowsOf("sub");
const rr = rowsOf("rr");

export const PROPERTY_ROWS: readonly ParityRow[] = [
  ...CONNECT_PROPERTIES.map(([words, shown]) =>
    sub(FLAG, `gives CONNECT ${words}`, `-t t -E -D connect ${words}`, {
      sent: [`CONNECT v5 'c' ${shown}`, "SUBSCRIBE 't' q0", "DISCONNECT"],
    }, { exact: true })
  ),
  ...PUBLISH_PROPERTIES.map(([words, shown]) =>
    pub(FLAG, `gives PUBLISH ${words}`, `-t t -m m -D publish ${words}`, {
      sent: [CONNECT, `PUBLISH 't' q0 'm' ${shown}`],
    })
  ),
  ...WILL_PROPERTIES.map(([words, shown]) =>
    pub(FLAG, `gives the Will ${words}`, `-t t -m m --will-topic w -D will ${words}`, {
      sent: [`CONNECT v5 'c' will ('w' q0 '' ${shown})`, "PUBLISH 't' q0 'm'"],
    })
  ),
  pub(
    FLAG,
    "may be repeated",
    "-t t -m m --property publish user-property a 1 -D publish user-property a 2",
    { sent: [CONNECT, "PUBLISH 't' q0 'm' userProperties='a':'1','a':'2'"] },
  ),
  pub(FLAG, "uses a Topic Alias again", "-t t -m m --repeat 2 -D publish topic-alias 3", {
    sent: [CONNECT, "PUBLISH 't' q0 'm' topicAlias=3", "PUBLISH '' q0 'm' topicAlias=3"],
  }, {
    script: { connackProperties: { topicAliasMaximum: 10 } },
  }),
  sub(
    FLAG,
    "gives SUBSCRIBE a Subscription Identifier",
    "-t t -E -D subscribe subscription-identifier 9",
    { sent: [CONNECT, "SUBSCRIBE 't' q0 subscriptionIdentifiers=9"] },
  ),
  sub(FLAG, "gives SUBSCRIBE User Properties", "-t t -E -D subscribe user-property a b", {
    sent: [CONNECT, "SUBSCRIBE 't' q0 userProperties='a':'b'"],
  }),
  sub(FLAG, "gives UNSUBSCRIBE User Properties", "-t t -U u -E -D unsubscribe user-property a b", {
    sent: [CONNECT, "SUBSCRIBE 't' q0", "UNSUBSCRIBE 'u' userProperties='a':'b'"],
  }),
  pub(
    FLAG,
    "gives DISCONNECT a Session Expiry Interval",
    "-t t -m m -x 5 -D disconnect session-expiry-interval 60",
    {
      sent: [
        "CONNECT v5 'c' sessionExpiryInterval=5",
        "PUBLISH 't' q0 'm'",
        "DISCONNECT sessionExpiryInterval=60",
      ],
    },
    { exact: true },
  ),
  pub(FLAG, "gives DISCONNECT User Properties", "-t t -m m -D disconnect user-property a b", {
    sent: [
      `${CONNECT}`,
      "PUBLISH 't' q0 'm'",
      "DISCONNECT userProperties='a':'b'",
    ],
  }, { exact: true }),
  rr(
    FLAG,
    "gives the request properties",
    "-t t -e r -m m -D publish correlation-data c17 -D publish content-type x",
    {
      stdout: "a\n",
      sent: [
        CONNECT,
        "SUBSCRIBE 'r' q0",
        "PUBLISH 't' q0 'm' contentType='x' responseTopic='r' correlationData='c17'",
      ],
    },
    { script: { response: "a" } },
  ),
  pub(FLAG, "makes it MQTT 5", "-h 127.0.0.1 -p {port} -i c -t t -m m -D publish content-type x", {
    sent: [CONNECT, "PUBLISH 't' q0 'm' contentType='x'"],
  }, { bare: true }),
  sub(
    FLAG,
    "refuses Subscription Identifier 0",
    "-t t -W 1 -D subscribe subscription-identifier 0",
    { code: 27 },
    {
      ours: { code: 1, sent: [] },
      why:
        "the value does not exist in MQTT 5; Mosquitto sends it, and the server ends the connection",
    },
  ),
  pub(
    FLAG,
    "has no use for Will properties without a Will",
    "-t t -m m -D will will-delay-interval 5",
    { sent: [CONNECT, "PUBLISH 't' q0 'm'"] },
    {
      ours: { code: 1, sent: [] },
      why: "without --will-topic they are a mistake",
    },
  ),
  ...refused(),
];

function refused(): ParityRow[] {
  const cases: readonly (readonly [tool: Tool, what: string, args: string])[] = [
    ["pub", "refuses an unknown packet", "-t t -m m -D puback user-property a b"],
    ["pub", "refuses an unknown property", "-t t -m m -D publish colour red"],
    ["pub", "refuses a property of other packets", "-t t -m m -D publish will-delay-interval 5"],
    ["pub", "refuses a value that is no number", "-t t -m m -D publish topic-alias x"],
    ["pub", "refuses a number out of range", "-t t -m m -D publish topic-alias 65536"],
    ["pub", "needs a value", "-t t -m m -D publish content-type"],
    ["pub", "needs a name and a value of a User Property", "-t t -m m -D publish user-property a"],
    [
      "pub",
      "refuses a property twice",
      "-t t -m m -D publish content-type a -D publish content-type b",
    ],
    ["sub", "refuses Receive Maximum 0", "-t t -E -D connect receive-maximum 0"],
  ];
  return cases.map(([tool, what, args]) => rowsOf(tool)(FLAG, what, args, { code: 1, sent: [] }));
}
