/*
 * The MQTT clients of mqttload: connections, the packets they send, and what they do with the packets they read.
 *
 * Owns the buffers of connections and the counters. Knows nothing of rates, durations or reports (mqttload.c), and of
 * TLS and WebSocket no more than that a packet gets a frame of its own (mqttload_stream.h).
 * Everything is static and in a header so that `cc -O2 -o mqttload mqttload.c` is the whole build.
 * Invariant: a Conn that is closed is never read from, written to or polled again.
 */
#include <sys/epoll.h>
#include <time.h>

#include "mqttload_stream.h"

#define INBUF 65536
#define OUTBUF 65536
#define MAX_LATENCIES 4000000
#define MAX_EVENTS 256

/* The longest --user and --password. */
#define MAX_SECRET 256

/* A subscriber counts its SUBACKs in `ready`; this value says that all have come. */
#define SUBSCRIBED 1000

/* The types of MQTT packets, as in the first four bits. */
enum { CONNACK = 2, PUBLISH = 3, PUBACK = 4, PUBREC = 5, PUBREL = 6, PUBCOMP = 7, SUBACK = 9 };

typedef struct Conn {
  Stream stream;
  int is_pub, index, ready, closed, want_write;
  uint8_t *in;
  size_t in_len, in_cap;
  uint8_t *out;
  size_t out_len, out_off, out_cap;
  uint16_t next_id;
  int inflight;  /* publishes of QoS 1 and 2 that are not acknowledged yet */
  uint64_t turn; /* which topic comes next */
} Conn;

/* What the command line asks for; the header of mqttload.c explains each. */
static int port = 1883, npubs = 1, nsubs = 1, ntopics = 0, nwild = 0, qos = 0, window = 20, size = 64;
static int idle = 0, retained = 0, persistent = 0, broker_pid = 0;
static double secs = 5, drain = 3, rate = 0;
static const char *shape = "fan", *user = NULL, *password = NULL;

static int ep;
static uint64_t counted_from_ns; /* the latency of messages that were sent before this is not counted */
static uint64_t sent, acked, received, expected, disconnects;
static uint32_t *latencies_us;
static size_t nlatencies;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* The shape "share" needs MQTT 5; every other one speaks MQTT 3.1.1. */
static int is_mqtt5(void) { return !strcmp(shape, "share"); }

/* ---- the output buffer of a connection ---- */

static void watch_writable(Conn *c, int write) {
  if (c->want_write == write || c->closed) return;
  c->want_write = write;
  struct epoll_event e = {.events = EPOLLIN | (write ? EPOLLOUT : 0), .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_MOD, c->stream.fd, &e);
}

static void drop(Conn *c) {
  if (c->closed) return;
  c->closed = 1;
  disconnects++;
  epoll_ctl(ep, EPOLL_CTL_DEL, c->stream.fd, NULL);
  stream_close(&c->stream);
}

static void flush_out(Conn *c) {
  while (c->out_off < c->out_len) {
    ssize_t n = stream_write(&c->stream, c->out + c->out_off, c->out_len - c->out_off);
    if (n <= 0) {
      if (n < 0 && errno == EAGAIN) watch_writable(c, 1);
      else drop(c);
      return;
    }
    c->out_off += n;
  }
  c->out_off = c->out_len = 0;
  watch_writable(c, 0);
}

/* Where the next n bytes go; whoever wrote them adds them to out_len. */
static uint8_t *room(Conn *c, size_t n) {
  if (c->out_len + n > c->out_cap) {
    c->out_cap = (c->out_len + n) * 2;
    c->out = realloc(c->out, c->out_cap);
    if (!c->out) die("memory");
  }
  return c->out + c->out_len;
}

/* Where the next packet of n bytes goes: by WebSocket behind the head of a frame of its own, as MQTT.js sends it. */
static uint8_t *begin_packet(Conn *c, size_t n) {
  if (!use_websocket) return room(c, n);
  uint8_t *head = room(c, MAX_FRAME_HEAD + n);
  put_frame_head(head, BINARY_FRAME, n);
  return head + frame_head_size(n);
}

/* Adds the packet that was written there to the output. */
static void end_packet(Conn *c, uint8_t *packet, size_t n) {
  if (use_websocket) mask_payload(packet - 4, packet, n);
  c->out_len = packet + n - c->out;
}

static void answer_ping(Conn *c) {
  Frames *frames = &c->stream.frames;
  size_t n = frames->control_len;
  uint8_t *head = room(c, MAX_FRAME_HEAD + n), *payload = head + frame_head_size(n);
  put_frame_head(head, PONG_FRAME, n);
  memcpy(payload, frames->control, n);
  end_packet(c, payload, n);
  frames->ping_due = 0;
}

/* ---- writing packets ---- */

static size_t length_size(uint32_t n) { return n < 128 ? 1 : n < 16384 ? 2 : n < 2097152 ? 3 : 4; }

static size_t put_length(uint8_t *p, uint32_t n) {
  size_t i = 0;
  do {
    uint8_t b = n & 127;
    n >>= 7;
    p[i++] = b | (n ? 128 : 0);
  } while (n);
  return i;
}

static size_t put_string(uint8_t *p, const char *s) {
  size_t n = strlen(s);
  p[0] = n >> 8;
  p[1] = n;
  memcpy(p + 2, s, n);
  return n + 2;
}

static void send_packet(Conn *c, uint8_t head, const uint8_t *body, size_t n) {
  size_t whole = 1 + length_size(n) + n;
  uint8_t *p = begin_packet(c, whole);
  p[0] = head;
  memcpy(p + 1 + put_length(p + 1, n), body, n);
  end_packet(c, p, whole);
}

static void send_connect(Conn *c, const char *prefix) {
  char id[48];
  snprintf(id, sizeof id, "%s-%d-%d", prefix, getpid(), c->index);
  uint8_t body[128 + 2 * MAX_SECRET];
  size_t n = put_string(body, "MQTT");
  body[n++] = is_mqtt5() ? 5 : 4;
  uint8_t clean_session = persistent && !c->is_pub ? 0 : 0x02;
  body[n++] = clean_session | (user ? 0x80 : 0) | (password ? 0x40 : 0);
  body[n++] = 0; /* Keep Alive: none */
  body[n++] = 0;
  if (is_mqtt5()) body[n++] = 0;
  n += put_string(body + n, id);
  if (user) n += put_string(body + n, user);
  if (password) n += put_string(body + n, password);
  send_packet(c, 0x10, body, n);
}

static void send_subscribes(Conn *c) {
  for (int k = 0; k <= nwild; k++) {
    char filter[96];
    if (k < nwild) snprintf(filter, sizeof filter, "other/%d/%d/+/state/#", c->index, k);
    else if (!strcmp(shape, "pair")) snprintf(filter, sizeof filter, "load/%d", c->index % ntopics);
    else snprintf(filter, sizeof filter, "%s", is_mqtt5() ? "$share/g/load/#" : "load/#");
    uint8_t body[160];
    size_t n = 0;
    body[n++] = 0;
    body[n++] = k + 1;
    if (is_mqtt5()) body[n++] = 0;
    n += put_string(body + n, filter);
    body[n++] = qos;
    send_packet(c, 0x82, body, n);
  }
}

/* The payload opens with the time of sending; the rest is filled with "x". */
static void send_publish(Conn *c, const char *topic, int retain) {
  uint32_t length = 2 + strlen(topic) + (qos ? 2 : 0) + is_mqtt5() + size;
  size_t whole = 1 + length_size(length) + length;
  uint8_t *start = begin_packet(c, whole), *p = start;
  *p++ = 0x30 | (qos << 1) | retain;
  p += put_length(p, length);
  p += put_string(p, topic);
  if (qos) {
    if (!++c->next_id) c->next_id = 1;
    *p++ = c->next_id >> 8;
    *p++ = c->next_id;
    c->inflight++;
  }
  if (is_mqtt5()) *p++ = 0;
  uint64_t t = now_ns();
  memcpy(p, &t, 8);
  memset(p + 8, 'x', size - 8);
  end_packet(c, start, whole);
  sent++;
}

/* How many subscribers take a message to this topic. */
static int takers(int topic) {
  if (!strcmp(shape, "fan")) return nsubs;
  if (!strcmp(shape, "pair")) return nsubs / ntopics + (topic < nsubs % ntopics);
  return nsubs ? 1 : 0;
}

static void send_next_publish(Conn *c) {
  char topic[48];
  int number = (int)((c->turn++ * npubs + c->index) % ntopics);
  snprintf(topic, sizeof topic, "load/%d", number);
  send_publish(c, topic, 0);
  expected += takers(number);
}

static void reply(Conn *c, uint8_t head, const uint8_t *packet_id) { send_packet(c, head, packet_id, 2); }

/* ---- reading packets ---- */

static void on_connack(Conn *c, const uint8_t *body, uint32_t n) {
  if (n < 2 || body[1]) {
    fprintf(stderr, "mqttload: connect refused, code %d\n", n > 1 ? body[1] : -1);
    exit(2);
  }
  c->ready = 1;
  if (c->is_pub) return;
  c->ready = 0;
  send_subscribes(c);
}

static void on_publish(Conn *c, uint8_t head, const uint8_t *body, uint32_t n) {
  uint32_t offset = 2 + (body[0] << 8 | body[1]);
  int q = (head >> 1) & 3;
  if (q) {
    reply(c, q == 1 ? 0x40 : 0x50, body + offset);
    offset += 2;
  }
  if (is_mqtt5()) offset += 1 + body[offset];
  received++;
  if (offset + 8 > n || nlatencies == MAX_LATENCIES) return;
  uint64_t t;
  memcpy(&t, body + offset, 8);
  if (t < counted_from_ns) return;
  latencies_us[nlatencies++] = (uint32_t)((now_ns() - t) / 1000);
}

static void on_packet(Conn *c, uint8_t head, const uint8_t *body, uint32_t n) {
  switch (head >> 4) {
    case CONNACK: on_connack(c, body, n); break;
    case SUBACK:
      if (++c->ready == nwild + 1) c->ready = SUBSCRIBED;
      break;
    case PUBLISH: on_publish(c, head, body, n); break;
    case PUBACK:
    case PUBCOMP:
      c->inflight--;
      acked++;
      break;
    case PUBREC: reply(c, 0x62, body); break;
    case PUBREL: reply(c, 0x70, body); break;
  }
}

/* Acts on the whole packets at the front of the input buffer and keeps the rest. */
static void take_packets(Conn *c) {
  size_t offset = 0;
  while (offset + 2 <= c->in_len) {
    uint32_t length = 0;
    int k = 1, shift = 0, done = 0;
    while (offset + k < c->in_len && k <= 4 && !done) {
      uint8_t v = c->in[offset + k++];
      length |= (uint32_t)(v & 127) << shift;
      shift += 7;
      done = !(v & 128);
    }
    if (!done || offset + k + length > c->in_len) break;
    on_packet(c, c->in[offset], c->in + offset + k, length);
    offset += k + length;
  }
  memmove(c->in, c->in + offset, c->in_len - offset);
  c->in_len -= offset;
}

static void on_readable(Conn *c) {
  for (int rounds = 0; !c->closed && (rounds < 4 || has_pending(&c->stream)); rounds++) {
    if (c->in_cap - c->in_len < INBUF / 2) {
      /* Idle connections are many and read little: their buffers start small. */
      c->in_cap = c->in_cap ? c->in_cap * 2 : (idle ? 512 : INBUF);
      c->in = realloc(c->in, c->in_cap);
      if (!c->in) die("memory");
    }
    ssize_t n = stream_read(&c->stream, c->in + c->in_len, c->in_cap - c->in_len);
    int nothing = n < 0 && errno == EAGAIN;
    if (n <= 0 && !nothing) {
      drop(c);
      return;
    }
    if (n > 0) {
      c->in_len += n;
      take_packets(c);
    }
    if (c->stream.frames.ping_due) answer_ping(c);
    if (c->out_len > c->out_off && !c->want_write) flush_out(c);
    if (nothing) return;
  }
}

/* ---- connections ---- */

/* One loopback address serves 20,000 connections of --idle; only 127.0.0.0/8 is ever connected to. */
static void open_conn(Conn *c, int is_pub, int index, const char *prefix) {
  memset(c, 0, sizeof *c);
  c->is_pub = is_pub;
  c->index = index;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons(port)};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK + (idle ? index / 20000 : 0));
  stream_open(&c->stream, &address);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = c};
  epoll_ctl(ep, EPOLL_CTL_ADD, c->stream.fd, &e);
  send_connect(c, prefix);
  flush_out(c);
}

static void poll_once(int timeout_ms) {
  struct epoll_event events[MAX_EVENTS];
  int n = epoll_wait(ep, events, MAX_EVENTS, timeout_ms);
  for (int i = 0; i < n; i++) {
    Conn *c = events[i].data.ptr;
    if (!c->closed && (events[i].events & EPOLLOUT)) flush_out(c);
    if (!c->closed && (events[i].events & (EPOLLIN | EPOLLHUP | EPOLLERR))) on_readable(c);
  }
}

static void wait_ready(Conn *conns, int n, int wanted) {
  uint64_t end = now_ns() + 20000000000ull;
  for (;;) {
    int ready = 0;
    for (int i = 0; i < n; i++) ready += conns[i].ready >= wanted;
    if (ready == n) return;
    if (now_ns() > end) {
      errno = 0;
      die("clients were not ready in 20 s");
    }
    poll_once(50);
  }
}
