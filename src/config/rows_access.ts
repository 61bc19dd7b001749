/**
 * The rows of `users:`, `roles:`, `acl_files:` and `authentication:`: who is who, and who may do what.
 *
 * Owns keys, defaults, ranges and their documentation. What the rules mean is up to `access/`.
 */

import {
  choice,
  choices,
  count,
  duration,
  fileBeside,
  filesBeside,
  list,
  presentText,
  secretText,
  section,
  text,
  texts,
  toggle,
} from "./row.ts";

const user = section("A user", {
  name: presentText("required", "user name", "The user name", ["username", "user"]),
  password: secretText(
    "password hash",
    "The hash of the password as 'broker passwd' writes it behind the user name, never the password itself",
    ["hash"],
  ),
  scram: secretText(
    "SCRAM verifier",
    "What a login by SCRAM-SHA-256 is checked with, as 'broker passwd --scram' makes it",
  ),
  groups: texts([], "name", "The groups the user is in", ["group"]),
});

/** Users of this file; password files have others. */
export const users = list(
  [],
  user,
  "Who may connect with a password; more users may stand in password files",
  [],
  ["clients", "accounts"],
);

const role = section("Rules, and whom they are for; what is left out restricts nothing", {
  name: presentText("required", "name", "What the log calls it"),
  users: texts(undefined, "user name", "The users it is for", ["user"]),
  groups: texts(undefined, "name", "The groups it is for", ["group"]),
  anonymous: toggle(false, "Whether it is for anonymous clients, beside the users and groups"),
  client_identifiers: texts(undefined, "client identifier", "The Client Identifiers it is for", [
    "client_ids",
    "clientids",
  ]),
  listeners: texts(undefined, "name", "The listeners it is for", ["listener"]),
  networks: texts(undefined, "network", "The addresses and networks it is for", ["addresses"]),
  allow: texts(
    [],
    "rule",
    "What is allowed: publish, subscribe or readwrite, and a Topic Filter in which %u is the user " +
      "name and %c the Client Identifier",
  ),
  deny: texts([], "rule", "What is denied, whatever else allows it"),
});

/** Who may do what. */
export const roles = list(
  [],
  role,
  "Who may publish and subscribe to what. Without roles and ACL files everybody may everything; " +
    "with some, what nothing allows is refused",
  [],
  ["rules", "acl", "permissions"],
);

/** Mosquitto's files. */
export const aclFiles = filesBeside("Files with rules as Mosquitto writes them", ["acl_file"]);

const jwt = section("Tokens in place of passwords: JSON Web Tokens", {
  key: secretText("secret", "The key tokens are signed with: a secret text, or a key in PEM"),
  key_file: fileBeside("A file with that key"),
  jwks_file: fileBeside("A file with several keys, as a JSON Web Key Set", ["jwks"]),
  issuer: text(undefined, "text", "What the claim iss must be", ["iss"]),
  audience: text(undefined, "text", "What must be in the claim aud", ["aud"]),
  username_claim: text("sub", "claim", "The claim with the user name"),
  groups_claim: text("groups", "claim", "The claim with the user's groups", ["roles_claim"]),
  algorithms: choices(
    [],
    [
      "HS256",
      "HS384",
      "HS512",
      "RS256",
      "RS384",
      "RS512",
      "PS256",
      "PS384",
      "PS512",
      "ES256",
      "ES384",
      "EdDSA",
    ],
    "The signatures that are taken; without any, those that fit the key",
  ),
});

const http = section("Another program that is asked whether a password is right", {
  url: text(undefined, "URL", "Where to ask"),
  timeout: duration("5s", {
    from: "100ms",
    to: "1m",
    about: "When there is no answer by then, the client is refused",
  }),
  cache: duration("1m", {
    from: "0s",
    to: "1d",
    about: "How long an answer is remembered; 0s asks each time",
  }),
  authorization: secretText("header", "The header Authorization of the requests"),
  ca: fileBeside("CA certificates in PEM that are trusted for https, beside those that all trust", [
    "cafile",
    "ca_file",
  ]),
}, ["webhook"]);

/** How a client proves who it is. */
export const authentication = section("How clients prove who they are", {
  password_files: filesBeside(
    "Files with users, as 'broker passwd' and Mosquitto's mosquitto_passwd make them",
    ["password_file"],
  ),
  partial_subscriptions: choice(
    "filter",
    ["filter", "refuse"],
    "A subscription of which only a part is allowed is granted and its messages are filtered, or it " +
      "is refused",
  ),
  failed_logins_before_ban: count(10, {
    from: 1,
    to: 1_000_000,
    unit: "logins",
    none: true,
    about: "Failed logins after which an address (of IPv6, its /64) is banned for a while",
  }),
  failed_login_window: duration("10m", {
    from: "1s",
    to: "1d",
    about: "The time within which they are counted",
  }),
  ban_time: duration("10m", {
    from: "1s",
    to: "52w",
    about: "How long an address is banned",
  }),
  ban_local_network: toggle(
    false,
    "Whether addresses of the local network (loopback, private, link-local) are banned, too",
  ),
  jwt,
  http,
}, ["auth"]);
