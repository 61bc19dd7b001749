/**
 * The rows of `listeners:`, where clients connect, over what, and as whom.
 *
 * Owns keys, defaults, ranges and their documentation. What a listener is called, and whom it takes,
 * when the file does not say it: `derived.ts`.
 */

import {
  choice,
  choices,
  count,
  fileBeside,
  presentText,
  section,
  size,
  text,
  texts,
  toggle,
} from "./row.ts";

/** Where MQTT is served without TLS (assigned by IANA). */
export const DEFAULT_PORT = 1883;

/** The largest port number. */
export const MAX_PORT = 65_535;

/** The word for every IPv4 and IPv6 address of the machine. */
export const ALL_ADDRESSES = "all";

const tls = section("TLS, on when there is a certificate", {
  certificate: fileBeside(
    "The server's certificate in PEM, followed by the certificates between it and the CA",
    ["certfile", "cert", "fullchain"],
  ),
  key: fileBeside("Its private key in PEM", ["keyfile", "private_key"]),
  min_version: choice("1.2", ["1.2", "1.3"], "The lowest version of TLS that is spoken", [
    "tls_version",
  ]),
  client_ca: fileBeside("The CA certificates in PEM that sign the certificates of clients", [
    "cafile",
    "capath",
    "ca",
  ]),
  client_certificate: choice(
    "none",
    ["none", "request", "require"],
    "Whether clients are asked for a certificate, and whether they must have one",
    ["require_certificate"],
  ),
  identity: choice(
    "none",
    ["none", "common_name", "subject", "san"],
    "Which name of a client's certificate is its user name: the common name, the whole subject, or " +
      "the first subject alternative name; it needs no password then",
    ["use_identity_as_username", "use_subject_as_username"],
  ),
  crl: fileBeside("Certificates of clients that were revoked: a CRL in PEM", ["crlfile"]),
}, ["ssl"]);

const websocket = section("WebSocket, with protocol: websocket", {
  paths: texts(["/", "/mqtt"], "request path", "The paths of the URL that are served", [
    "http_path",
  ]),
  origins: texts(
    [],
    "origin",
    "The web pages whose scripts may connect; without any, all may",
    ["websockets_origin", "origin"],
  ),
  trusted_proxies: texts(
    [],
    "network",
    "The reverse proxies whose X-Forwarded-For is believed",
    ["websocket_set_real_ip_from"],
  ),
}, ["websockets", "ws"]);

/** One item of `listeners:`. */
export const listener = section(
  "An address and port, or a Unix socket, that clients connect to",
  {
    name: presentText(
      "derived",
      "name",
      "What rules and the log call it; its port or path if it is not given",
    ),
    port: count(DEFAULT_PORT, {
      from: 0,
      to: MAX_PORT,
      unit: "(a port number)",
      about: "The TCP port; 0 takes any that is free",
    }),
    address: text(
      ALL_ADDRESSES,
      "address",
      "The address to listen on: all (every IPv4 and IPv6 address), an IP address, or a host name",
      ["bind_address", "host", "hostname", "interface", "bind_interface", "ip", "socket_domain"],
    ),
    path: text(undefined, "socket path", "A Unix socket, in place of port and address", ["socket"]),
    mode: text(undefined, "mode", "Who may open the Unix socket, as in chmod, in quotes", [
      "permissions",
    ]),
    owner: text(undefined, "account", "The user the Unix socket belongs to, by name or number"),
    group: text(undefined, "account", "The group the Unix socket belongs to, by name or number"),
    protocol: choice(
      "mqtt",
      ["mqtt", "websocket"],
      "MQTT as it is, or within WebSocket, for browsers",
    ),
    tls,
    websocket,
    proxy_protocol: choice(
      "off",
      ["off", "on"],
      "on: every connection begins with the PROXY protocol, version 1 or 2, that says where the " +
        "client is; one without it is closed",
      ["enable_proxy_protocol", "haproxy"],
    ),
    proxy_networks: texts(
      [],
      "network",
      "Where the proxies are that may say so; without any, everywhere",
    ),
    protocol_versions: choices(
      ["3.1", "3.1.1", "5"],
      ["3.1", "3.1.1", "5"],
      "The versions of MQTT that are spoken",
      ["accept_protocol_versions"],
    ),
    mount_point: text(
      "",
      "topic prefix",
      "Put before every topic of these clients, so that they are among themselves",
    ),
    max_qos: count(2, {
      from: 0,
      to: 2,
      unit: "(a QoS)",
      about: "The highest QoS these clients may publish with, and get",
    }),
    max_packet_size: size(undefined, {
      from: "1 KiB",
      to: "256 MiB",
      about: "The largest packet these clients may send; limits.max_packet_size if not given",
    }),
    max_connections: count("none", {
      from: 1,
      to: 1_000_000,
      unit: "connections",
      none: true,
      about: "Connections at the same time on this listener",
    }),
    clientid_prefixes: texts(
      [],
      "client identifier",
      "What Client Identifiers must begin with; without any, they are free",
    ),
    use_username_as_clientid: toggle(
      false,
      "Whether the user name takes the place of the Client Identifier, so that nobody takes over " +
        "the session of another user",
    ),
    allow_anonymous: choice(
      "local_network",
      ["never", "local_network", "always"],
      "Whether clients may connect without a user name: never, from the local network only " +
        "(loopback, private and link-local addresses, Unix sockets), or always. If it is not given, " +
        "never as soon as there are users, password files, jwt or http",
      ["listener_allow_anonymous"],
    ),
  },
);
