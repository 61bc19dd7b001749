import assert from "node:assert/strict";
import { explainLoss, explainNoAnswer } from "../../src/client/loss_text.ts";

Deno.test("explainLoss() says in words what the platform says in its own", () => {
  const texts = new Map([
    ["Connection reset by peer (os error 104)", "the connection was reset by the server"],
    ["connection reset", "the connection was reset by the server"],
    ["Broken pipe (os error 32)", "the server closed the connection"],
    ["received fatal alert: CertificateRequired", "the server wants a client certificate"],
    [
      "received fatal alert: UnknownCA",
      "the server ended TLS (received fatal alert: UnknownCA); does it take this client's " +
      "certificate?",
    ],
    ["peer closed connection without sending TLS close_notify", "the server closed the connection"],
    ["Connection timed out (os error 110)", "the server cannot be reached any more"],
    ["WebSocket: a frame of a server is masked", "WebSocket: a frame of a server is masked"],
  ]);
  for (const [message, text] of texts) assert.equal(explainLoss(message), text);
});

Deno.test("explainNoAnswer() doubts that it is a broker, where nothing else is known", () => {
  const doubt = " before it answered; is it an MQTT broker?";
  for (const known of ["Broken pipe (os error 32)", "ECONNRESET"]) {
    assert.equal(explainNoAnswer(explainLoss(known)), explainLoss(known) + doubt);
  }
  const wanted = explainLoss("received fatal alert: CertificateRequired");
  assert.equal(explainNoAnswer(wanted), wanted);
});
