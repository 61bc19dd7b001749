/**
 * The flags of all clients that say which server is meant and as whom.
 */

import { CONNECT, failuresOfClients, type ParityRow, rowsOf, rowsOfClients } from "./row.ts";

const pub = rowsOf("pub");
const sub = rowsOf("sub");
const rr = rowsOf("rr");

const PUBLISH = "PUBLISH 't' q0 'm'";
const SUBSCRIBE = "SUBSCRIBE 't' q0";
const REQUEST = ["SUBSCRIBE 'r' q0", "PUBLISH 't' q0 'm' responseTopic='r'"];

/** Without the address and the version of other rows. */
const BARE = { bare: true };
const ADDRESS = "-h 127.0.0.1 -p {port}";

const SERVER_ROWS: readonly ParityRow[] = [
  ...rowsOfClients(
    "-h, --host",
    "connects to a host by its name",
    "-h localhost -p {port} -V 5 -i c",
    CONNECT,
    BARE,
  ),
  ...rowsOfClients(
    "-h, --host",
    "takes the long name",
    "--host 127.0.0.1 -p {port} -V 5 -i c",
    CONNECT,
    BARE,
  ),
  ...failuresOfClients(
    "-h, --host",
    "fails when the host does not exist",
    "-h nowhere.invalid",
    1,
    BARE,
  ),
  ...rowsOfClients(
    "-p, --port",
    "takes the long name",
    "-h 127.0.0.1 --port {port} -V 5 -i c",
    CONNECT,
    BARE,
  ),
  ...failuresOfClients("-p, --port", "refuses what is no port", "-h 127.0.0.1 -p 65536", 1, BARE),
  ...failuresOfClients("-p, --port", "fails when nobody listens", "-h 127.0.0.1 -p 1", 1, BARE),
  ...rowsOfClients("-A", "binds to an address of this machine", "-A 127.0.0.1", CONNECT),
  ...failuresOfClients("-A", "fails with an address of another machine", "-A 192.0.2.1"),
  ...rowsOfClients("--nodelay", "is taken", "--nodelay", CONNECT),
  ...rowsOfClients("--mptcp", "is taken", "--mptcp", CONNECT, { since: "2.1" }),
  // Debian's Mosquitto is built without it.
  ...failuresOfClients("-S", "fails when there is no SRV record", "-S -h nowhere.invalid", 1, BARE),
];

const IDENTITY_ROWS: readonly ParityRow[] = [
  ...rowsOfClients(
    "-i, --id",
    "says the Client Identifier",
    "--id long-name",
    "CONNECT v5 'long-name'",
  ),
  ...rowsOfClients("-i, --id", "has none by default", `${ADDRESS} -V 311`, "CONNECT v4 ''", BARE),
  ...failuresOfClients("-I, --id-prefix", "goes with no -i", "-I pre"),
  ...rowsOfClients("-u, --username", "logs in", "-u ann", "CONNECT v5 'c' user 'ann'"),
  ...rowsOfClients(
    "-P, --pw",
    "sends a password",
    "--username ann --pw s3cret",
    "CONNECT v5 'c' user 'ann' password 's3cret'",
  ),
  ...rowsOfClients(
    "-P, --pw",
    "sends a password without a user name in MQTT 5",
    "-P s3cret",
    "CONNECT v5 'c' password 's3cret'",
  ),
  ...rowsOfClients("-k, --keepalive", "says Keep Alive", "-k 30", "CONNECT v5 'c' k30"),
  ...failuresOfClients("-k, --keepalive", "refuses less than 5", "--keepalive 4"),
  pub("-k, --keepalive", "refuses more than 65535", "-t t -m m -k 65536", { code: 1, sent: [] }),
];

const VERSION_ROWS: readonly ParityRow[] = [
  ...rowsOfClients("-V, --protocol-version", "speaks MQTT 3.1", "-V mqttv31", "CONNECT v3 'c'"),
  ...rowsOfClients(
    "-V, --protocol-version",
    "speaks MQTT 3.1.1",
    "--protocol-version 311",
    "CONNECT v4 'c'",
  ),
  ...rowsOfClients("-V, --protocol-version", "speaks MQTT 5", "-V mqttv5", CONNECT),
  ...failuresOfClients("-V, --protocol-version", "refuses other versions", "-V 4"),
  ...([[pub, "-t t -m m", PUBLISH], [sub, "-t t -E", SUBSCRIBE]] as const).map(
    ([row, errand, packet]) =>
      row("-V, --protocol-version", "has a default", `${ADDRESS} -i c ${errand}`, {
        sent: ["CONNECT v4 'c'", packet],
      }, {
        bare: true,
        ours: { sent: [CONNECT, packet] },
        why: "MQTT 5 is our default; -V 311 asks for what Mosquitto's default is",
      }),
  ),
  rr("-V, --protocol-version", "is MQTT 5 by default", `${ADDRESS} -i c -t t -e r -m m`, {
    stdout: "a\n",
    sent: [CONNECT, ...REQUEST],
  }, { bare: true, script: { response: "a" } }),
];

const SESSION_ROWS: readonly ParityRow[] = [
  ...rowsOfClients(
    "-c, --disable-clean-session",
    "keeps the session",
    "-c",
    "CONNECT v5 'c' resume sessionExpiryInterval=4294967295",
  ),
  ...rowsOfClients(
    "-c, --disable-clean-session",
    "keeps the session in MQTT 3.1.1",
    "--disable-clean-session -V 311",
    "CONNECT v4 'c' resume",
  ),
  ...failuresOfClients("-c, --disable-clean-session", "needs -i", `${ADDRESS} -V 311 -c`, 1, BARE),
  ...rowsOfClients(
    "-x",
    "says how long the session is kept",
    "-c -x 600",
    "CONNECT v5 'c' resume sessionExpiryInterval=600",
  ),
  sub("-x", "takes -1 for ever", "-t t -E -x -1", {
    sent: ["CONNECT v5 'c' sessionExpiryInterval=4294967295", SUBSCRIBE],
  }),
  sub("-x", "takes the infinity sign", "-t t -E -x \u221e", {
    sent: ["CONNECT v5 'c' sessionExpiryInterval=4294967295", SUBSCRIBE],
  }),
  ...failuresOfClients("-x", "refuses what is no number", "-x 1h"),
  sub("-x", "makes it MQTT 5", `${ADDRESS} -i c -t t -E -x 60`, {
    sent: ["CONNECT v5 'c' sessionExpiryInterval=60", SUBSCRIBE],
  }, { bare: true, since: "2.1" }),
  ...rowsOfClients("-M", "is taken", "-M 5", CONNECT),
  pub("-M", "limits the messages on the way", "-t t -q 1 -l -M 1", {
    sent: [CONNECT, "PUBLISH 't' q1 'a'", "PUBLISH 't' q1 'b'"],
  }, { stdin: "a\nb\n" }),
  ...failuresOfClients("-M", "refuses 0", "-M 0"),
];

const WILL_ROWS: readonly ParityRow[] = [
  ...rowsOfClients(
    "--will-topic",
    "gives a Will with an empty payload",
    "--will-topic w",
    "CONNECT v5 'c' will ('w' q0 '')",
  ),
  ...failuresOfClients("--will-topic", "refuses wildcards", "--will-topic w/#"),
  ...rowsOfClients(
    "--will-payload",
    "gives the Will a payload",
    "--will-topic w --will-payload gone",
    "CONNECT v5 'c' will ('w' q0 'gone')",
  ),
  ...failuresOfClients("--will-payload", "needs --will-topic", "--will-payload gone"),
  ...rowsOfClients(
    "--will-qos",
    "gives the Will a QoS",
    "--will-topic w --will-qos 2",
    "CONNECT v5 'c' will ('w' q2 '')",
  ),
  ...failuresOfClients("--will-qos", "refuses 3", "--will-topic w --will-qos 3"),
  ...rowsOfClients(
    "--will-retain",
    "makes the Will retained",
    "--will-topic w --will-retain",
    "CONNECT v5 'c' will ('w' q0 retain '')",
  ),
  ...failuresOfClients("--will-retain", "needs --will-topic", "--will-retain"),
];

export const CONNECTION_ROWS: readonly ParityRow[] = [
  ...SERVER_ROWS,
  ...IDENTITY_ROWS,
  ...VERSION_ROWS,
  ...SESSION_ROWS,
  ...WILL_ROWS,
];
