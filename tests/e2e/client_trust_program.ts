/**
 * Connects by TLS and prints what came of it: a process of its own, since what a process trusts is
 * decided once. Arguments: the port, and the file of the CA to trust, if there is one.
 */

import { messageOf } from "../../src/error_text.ts";
import { openEndpoint } from "../../src/client/open_endpoint.ts";
import { trustAsToldBy } from "../../src/client/trust.ts";
import { endpoint, tlsOptions } from "../client/endpoint_fixture.ts";

const [port, caFile] = Deno.args;
const caCertificates = caFile === undefined ? [] : [await Deno.readTextFile(caFile)];
const tls = tlsOptions({ caCertificates });
trustAsToldBy(tls);
try {
  (await openEndpoint(endpoint({ port: Number(port), tls }))).close();
  console.log("trusted");
} catch (error) {
  console.log(messageOf(error));
}
