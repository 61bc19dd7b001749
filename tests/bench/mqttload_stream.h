/*
 * The streams of mqttload's clients: bytes to and from one socket, plain, by TLS, in WebSocket frames, or both.
 *
 * Owns the socket and the handshakes, which block: a client is of no use before they are over. From then on reading and
 * writing are those of a socket that does not block: -1 with EAGAIN, 0 at the end. MQTT is not known here.
 * TLS is OpenSSL's and needs `cc -DWITH_TLS ... -lssl -lcrypto`.
 */
#ifndef MQTTLOAD_STREAM_H
#define MQTTLOAD_STREAM_H

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include "mqttload_websocket.h"

#ifdef WITH_TLS
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#endif

/* Seconds that the broker may take for one step of a handshake. */
#define HANDSHAKE_S 20

typedef struct Stream {
  int fd;
  Frames frames;
#ifdef WITH_TLS
  SSL *ssl;
#endif
} Stream;

static int use_tls = 0, use_websocket = 0;
static const char *cafile = NULL; /* NULL: the broker's certificate is not verified */

static void die(const char *message) {
  const char *reason = errno ? strerror(errno) : "";
  fprintf(stderr, "%s: %s%s%s\n", program_invocation_short_name, message, errno ? ": " : "", reason);
  exit(2);
}

/* ---- TLS ---- */

#ifdef WITH_TLS

static void die_of_tls(const char *message) {
  unsigned long error = ERR_get_error();
  if (!error) die(message);
  fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, message, ERR_reason_error_string(error));
  exit(2);
}

static SSL_CTX *tls_context(void) {
  static SSL_CTX *context = NULL;
  if (context) return context;
  context = SSL_CTX_new(TLS_client_method());
  if (!context) die_of_tls("TLS");
  /* The output buffer moves when it grows, and is written as far as the socket takes it. */
  SSL_CTX_set_mode(context, SSL_MODE_ENABLE_PARTIAL_WRITE | SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER);
  if (!cafile) return context;
  if (SSL_CTX_load_verify_locations(context, cafile, NULL) != 1) die_of_tls("--cafile");
  X509_VERIFY_PARAM_set1_ip_asc(SSL_CTX_get0_param(context), "127.0.0.1");
  SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
  return context;
}

static void tls_handshake(Stream *s) {
  s->ssl = SSL_new(tls_context());
  if (!s->ssl || SSL_set_fd(s->ssl, s->fd) != 1) die_of_tls("TLS");
  if (SSL_connect(s->ssl) != 1) die_of_tls("TLS handshake");
}

/* Says what OpenSSL's result means in the way of read(2) and write(2). */
static ssize_t tls_result(Stream *s, int n) {
  if (n > 0) return n;
  int error = SSL_get_error(s->ssl, n);
  ERR_clear_error();
  if (error == SSL_ERROR_ZERO_RETURN) return 0;
  errno = error == SSL_ERROR_WANT_READ || error == SSL_ERROR_WANT_WRITE ? EAGAIN : EPROTO;
  return -1;
}

static ssize_t socket_read(Stream *s, uint8_t *bytes, size_t n) {
  return use_tls ? tls_result(s, SSL_read(s->ssl, bytes, (int)n)) : read(s->fd, bytes, n);
}

static ssize_t stream_write(Stream *s, const uint8_t *bytes, size_t n) {
  return use_tls ? tls_result(s, SSL_write(s->ssl, bytes, (int)n)) : write(s->fd, bytes, n);
}

/* Whether bytes wait in OpenSSL that the socket will not be reported as readable for. */
static inline int has_pending(const Stream *s) { return use_tls && SSL_pending(s->ssl) > 0; }

static void free_tls(Stream *s) { SSL_free(s->ssl); }

#else

static void tls_handshake(Stream *s) {
  (void)s;
  errno = 0;
  die("--tls: this program was built without -DWITH_TLS");
}

static ssize_t socket_read(Stream *s, uint8_t *bytes, size_t n) { return read(s->fd, bytes, n); }

static ssize_t stream_write(Stream *s, const uint8_t *bytes, size_t n) { return write(s->fd, bytes, n); }

static inline int has_pending(const Stream *s) {
  (void)s;
  return 0;
}

static void free_tls(Stream *s) { (void)s; }

#endif

/* ---- WebSocket ---- */

/* Reads the head of the answer byte by byte: what follows it belongs to the frames. */
static void read_upgrade_answer(Stream *s) {
  char answer[4096];
  size_t n = 0;
  do {
    if (n == sizeof answer - 1 || socket_read(s, (uint8_t *)answer + n, 1) != 1) die("no answer to the upgrade");
    answer[++n] = 0;
  } while (n < 4 || memcmp(answer + n - 4, "\r\n\r\n", 4));
  if (is_upgraded(answer)) return;
  fprintf(stderr, "%s: the upgrade was answered with:\n%s", program_invocation_short_name, answer);
  exit(2);
}

static void upgrade(Stream *s) {
  static const char request[] = UPGRADE_REQUEST;
  if (stream_write(s, (const uint8_t *)request, sizeof request - 1) != sizeof request - 1) die("upgrade");
  read_upgrade_answer(s);
}

/* ---- any stream ---- */

/* Connects; handshakes that fail end the program. */
static inline void stream_open(Stream *s, const struct sockaddr_in *address) {
  struct timeval patience = {.tv_sec = HANDSHAKE_S}, forever = {0};
  int one = 1;
  memset(s, 0, sizeof *s);
  s->fd = socket(AF_INET, SOCK_STREAM, 0);
  if (s->fd < 0) die("socket");
  if (connect(s->fd, (const void *)address, sizeof *address)) die("connect");
  setsockopt(s->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
  if (use_tls) tls_handshake(s);
  if (use_websocket) upgrade(s);
  setsockopt(s->fd, SOL_SOCKET, SO_RCVTIMEO, &forever, sizeof forever);
  fcntl(s->fd, F_SETFL, O_NONBLOCK);
}

/* Reads MQTT's bytes; frames that carry none of them are read on the way. */
static inline ssize_t stream_read(Stream *s, uint8_t *bytes, size_t n) {
  for (;;) {
    ssize_t got = socket_read(s, bytes, n);
    if (got <= 0 || !use_websocket) return got;
    size_t data = unframe(&s->frames, bytes, got);
    if (data) return data;
    if (s->frames.closed) return 0;
  }
}

static inline void stream_close(Stream *s) {
  free_tls(s);
  close(s->fd);
}

#endif
