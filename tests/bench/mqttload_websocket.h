/*
 * The WebSocket protocol of mqttload's clients, RFC 6455: the upgrade, and frames written and read.
 *
 * Owns no socket and no buffer: it works on bytes that others have read or are going to write.
 * Invariant: what `unframe` leaves is the MQTT packets alone, whatever frames they were split over.
 */
#ifndef MQTTLOAD_WEBSOCKET_H
#define MQTTLOAD_WEBSOCKET_H

#include <stdint.h>
#include <string.h>
#include <strings.h>

/* Section 1.3 names this key and its answer: with a key that is always the same, no SHA-1 is needed to check it. */
#define UPGRADE_KEY "dGhlIHNhbXBsZSBub25jZQ=="
#define UPGRADE_ANSWER "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="

#define UPGRADE_REQUEST                                                                    \
  "GET /mqtt HTTP/1.1\r\nHost: localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n" \
  "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: " UPGRADE_KEY "\r\n"                    \
  "Sec-WebSocket-Protocol: mqtt\r\n\r\n"

enum { TEXT_FRAME = 1, BINARY_FRAME = 2, CLOSE_FRAME = 8, PING_FRAME = 9, PONG_FRAME = 10 };

/* The largest head that a client writes, and the largest payload of a control frame. */
#define MAX_FRAME_HEAD 14
#define MAX_CONTROL_PAYLOAD 125

/* What is known of the frame that is being read; all zero at the start. */
typedef struct Frames {
  uint8_t head[10], control[MAX_CONTROL_PAYLOAD];
  size_t head_len, control_len;
  uint64_t left; /* bytes of its payload that are still to come */
  int ping_due;  /* `control` holds the payload of a ping that is not answered yet */
  int closed;    /* a Close frame has come, or something that a broker must not send */
} Frames;

/* ---- writing ---- */

/* A mask that nobody foresees is of no use on loopback, but the broker has to undo it all the same. */
static uint32_t next_mask(void) {
  static uint32_t mask = 2463534242u;
  mask ^= mask << 13;
  mask ^= mask >> 17;
  mask ^= mask << 5;
  return mask;
}

static size_t frame_head_size(size_t payload) { return 2 + (payload < 126 ? 0 : payload < 65536 ? 2 : 8) + 4; }

/* Writes the head of a frame, `frame_head_size` bytes, the mask at its end. */
static inline void put_frame_head(uint8_t *head, int opcode, size_t payload) {
  size_t extra = frame_head_size(payload) - 6;
  uint32_t mask = next_mask();
  head[0] = 0x80 | opcode;
  head[1] = 0x80 | (extra == 0 ? payload : extra == 2 ? 126 : 127);
  for (size_t i = 0; i < extra; i++) head[2 + i] = payload >> 8 * (extra - 1 - i);
  memcpy(head + 2 + extra, &mask, 4);
}

static inline void mask_payload(const uint8_t mask[4], uint8_t *payload, size_t n) {
  uint64_t eight;
  memcpy(&eight, mask, 4);
  memcpy((uint8_t *)&eight + 4, mask, 4);
  size_t i = 0;
  for (; i + 8 <= n; i += 8) {
    uint64_t part;
    memcpy(&part, payload + i, 8);
    part ^= eight;
    memcpy(payload + i, &part, 8);
  }
  for (; i < n; i++) payload[i] ^= mask[i & 3];
}

/* ---- reading ---- */

static int opcode_of(const Frames *f) { return f->head[0] & 15; }

static int is_control(const Frames *f) { return opcode_of(f) >= CLOSE_FRAME; }

/* The size of the head that is being read, as far as its first two bytes tell. */
static size_t wanted_head(const Frames *f) {
  if (f->head_len < 2) return 2;
  int length = f->head[1] & 127;
  return 2 + (length < 126 ? 0 : length == 126 ? 2 : 8);
}

static void end_frame(Frames *f) {
  f->head_len = 0;
  if (opcode_of(f) == CLOSE_FRAME) f->closed = 1;
  if (opcode_of(f) == PING_FRAME) f->ping_due = 1;
}

static void begin_payload(Frames *f) {
  uint64_t length = f->head[1] & 127;
  if (length >= 126) {
    length = 0;
    for (size_t i = 2; i < f->head_len; i++) length = length << 8 | f->head[i];
  }
  f->left = length;
  if (is_control(f)) f->control_len = 0;
  int is_masked = f->head[1] & 128;
  int is_too_long = is_control(f) && length > MAX_CONTROL_PAYLOAD;
  if (is_masked || is_too_long || opcode_of(f) == TEXT_FRAME) f->closed = 1;
  else if (!length) end_frame(f);
}

/* Takes n bytes from the server, and leaves at their place what frames of data carry; returns how much that is. */
static size_t unframe(Frames *f, uint8_t *bytes, size_t n) {
  size_t kept = 0;
  for (size_t at = 0; at < n && !f->closed;) {
    if (f->head_len < wanted_head(f)) {
      f->head[f->head_len++] = bytes[at++];
      if (f->head_len >= 2 && f->head_len == wanted_head(f)) begin_payload(f);
      continue;
    }
    size_t part = f->left < n - at ? f->left : n - at;
    if (is_control(f)) {
      memcpy(f->control + f->control_len, bytes + at, part);
      f->control_len += part;
    } else {
      memmove(bytes + kept, bytes + at, part);
      kept += part;
    }
    at += part;
    f->left -= part;
    if (!f->left) end_frame(f);
  }
  return kept;
}

/* ---- the upgrade ---- */

/* Whether the head of the answer, which ends with an empty line, is what a broker says that speaks MQTT. */
static int is_upgraded(const char *answer) {
  const char *accept = strcasestr(answer, "\r\nSec-WebSocket-Accept: " UPGRADE_ANSWER "\r\n");
  const char *protocol = strcasestr(answer, "\r\nSec-WebSocket-Protocol: mqtt\r\n");
  return !strncmp(answer, "HTTP/1.1 101 ", 13) && accept && protocol;
}

#endif
