/**
 * The transports of src/transport/, under the name that connections and servers know.
 *
 * Owns nothing.
 */

export { HandshakeError, type Peer, type Transport } from "../transport/transport.ts";
