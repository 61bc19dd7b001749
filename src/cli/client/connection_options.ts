/**
 * The options that say which broker is meant, how it is reached, and as whom.
 *
 * Owns the rows, in the order of the help; `connection_settings.ts` says what each does.
 */

import { optionsOf } from "./client_option.ts";

const server = optionsOf("Connection");
const login = optionsOf("Client");
const tls = optionsOf("TLS");
const will = optionsOf("Will");

const NO_ENGINES = "the TLS of this program (rustls) has no engines";
const NO_PSK = "the TLS of this program (rustls) has no pre-shared keys: use --cafile, or --cert " +
  "and --key for the client";

const KEY_LOG = "the TLS of this program (rustls) reads the file's name when the program starts: " +
  "set the environment variable SSLKEYLOGFILE";

export const CONNECTION_OPTIONS = [
  server("host", "-h --host", "host", "connect to this host (default: localhost)"),
  server("port", "-p --port", "port", "connect to this port (default: 1883, with TLS 8883)"),
  server("unix", "--unix", "socket", "connect to this Unix socket"),
  server("url", "-L --url", "url", "mqtt(s)|ws(s)://[user[:pw]@]host[:port]/topic"),
  server("webSocket", "--ws", "", "speak MQTT in WebSocket", { since: "2.1" }),
  server("webSocketPath", "--ws-path", "path", "ask for this path of the server (default: /mqtt)", {
    since: "here",
  }),
  server("proxy", "--proxy", "url", "go through socks5h://[user[:pw]@]host[:port]"),
  server("bindAddress", "-A", "address", "connect from this address of this machine"),
  server("srv", "-S", "", "look up the SRV record _mqtt._tcp of the host"),
  server("noDelay", "--nodelay", "", "send small packets at once (TCP_NODELAY)"),
  server("multipathTcp", "--mptcp", "", "accepted; plain TCP is used", { since: "2.1" }),
  login("username", "-u --username", "name", "log in with this user name"),
  login("password", "-P --pw", "password", "log in with this password"),
  login(
    "clientIdentifier",
    "-i --id",
    "id",
    "use this Client Identifier (default: one is assigned)",
  ),
  login(
    "idPrefix",
    "-I --id-prefix",
    "prefix",
    "use the prefix and the process id as the identifier",
  ),
  login("keepAlive", "-k --keepalive", "seconds", "Keep Alive, 5 to 65535 (default: 60)"),
  login(
    "protocolVersion",
    "-V --protocol-version",
    "version",
    "MQTT version (default: 5)",
    {
      choices: ["5", "311", "31", "mqttv5", "mqttv311", "mqttv31"],
    },
  ),
  login(
    "keepSession",
    "-c --disable-clean-session",
    "",
    "go on with the session of the identifier",
  ),
  login(
    "sessionExpiryInterval",
    "-x --session-expiry-interval",
    "seconds",
    "the broker keeps the session so long; -1: for ever",
  ),
  login(
    "maximumInflight",
    "-M",
    "count",
    "messages of QoS 1 and 2 on the way at once (default: 20)",
  ),
  login("property", "-D --property", "packet property value", "give a packet an MQTT 5 property"),
  will("willTopic", "--will-topic", "topic", "the topic of the Will"),
  will("willPayload", "--will-payload", "payload", "the payload of the Will (default: empty)"),
  will("willQos", "--will-qos", "qos", "the QoS of the Will (default: 0)", {
    choices: ["0", "1", "2"],
  }),
  will("willRetain", "--will-retain", "", "the Will is retained"),
  tls("caFile", "--cafile", "file", "trust the CA certificates of this PEM file"),
  tls("caFolder", "--capath", "folder", "trust the CA certificates of this folder"),
  tls("certificateFile", "--cert", "file", "the client's certificate (PEM), with --key"),
  tls("keyFile", "--key", "file", "the client's private key (PEM, not encrypted), with --cert"),
  tls("osCertificates", "--tls-use-os-certs", "", "use TLS, trust the system's CA certificates"),
  tls("insecure", "--insecure", "", "do not check that the certificate is the host's"),
  tls("noTls", "--no-tls", "", "no TLS, whatever else is said", { since: "2.1" }),
  tls("tlsVersion", "--tls-version", "version", "the lowest TLS version (default: tlsv1.2)", {
    choices: ["tlsv1.3", "tlsv1.2"],
  }),
  tls("alpn", "--tls-alpn", "protocol", "ask for this protocol (ALPN)"),
  tls(
    "ciphers",
    "--ciphers",
    "list",
    "checked only: the TLS here has strong ciphers and no others",
  ),
  tls("keyForm", "--keyform", "form", "what the file of --key is", { choices: ["pem"] }),
  tls("keyLogFile", "--tls-keylog", "file", "not supported", {
    since: "2.1",
    refused: KEY_LOG,
  }),
  tls("psk", "--psk", "key", "not supported", { refused: NO_PSK }),
  tls("pskIdentity", "--psk-identity", "identity", "not supported", { refused: NO_PSK }),
  tls("engine", "--tls-engine", "engine", "not supported", { refused: NO_ENGINES }),
  tls("enginePassword", "--tls-engine-kpass-sha1", "sha1", "not supported", {
    refused: NO_ENGINES,
  }),
] as const;
