/*
 * mqttattack: what an attacker does to a broker on loopback, from many source addresses at once.
 *
 *   cc -O2 -DWITH_TLS -o mqttattack mqttattack.c -lssl -lcrypto
 *   ./mqttattack --port 1883 --attack logins --rate 10000 --secs 10
 *
 * One thread, one process. It attacks until --secs have passed or SIGTERM comes, prints one JSON line and ends.
 *
 *   --port N        broker's port (127.0.0.1)
 *   --attack A      logins      CONNECT with a password that is wrong, and another one each time
 *                   handshakes  TLS: a ClientHello, the half of it on every other connection, and then nothing
 *                   requests    WebSocket: the half of an upgrade request, and then nothing
 *                   websockets  WebSocket: an upgrade, and then no CONNECT
 *   --user U        user name of `logins`               --addresses N  source addresses, 127.0.0.2 and on (default 100)
 *   --rate R        connections opened a second         --count N      connections open at the same time, at most
 *   --secs D        seconds (default: until SIGTERM)
 *
 * A connection that the broker closes is replaced by a new one, so that --count of them are held all the time.
 * `logins` closes its connections itself when it has got an answer, and needs as many as the broker lets wait.
 *
 * This file owns the connections of the attack; mqttload.c is the client that suffers from it.
 */
#define _GNU_SOURCE
#include <signal.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <time.h>

#include "mqttload_stream.h"

#define MAX_OPENING 2048
#define MAX_EVENTS 512

typedef enum { LOGINS, HANDSHAKES, REQUESTS, WEBSOCKETS } Attack;

/* A connection of the attack; fd is -1 while there is none. */
typedef struct Attempt {
  int fd, has_opened, has_answer;
  struct Attempt *next_free;
} Attempt;

static const char *const ATTACK_NAMES[] = {"logins", "handshakes", "requests", "websockets"};

static Attack attack = LOGINS;
static int port = 1883, addresses = 100, count = 1000;
static double rate = 1000, secs = 1e6;
static const char *user = "ann";

static int ep;
static Attempt *free_attempts;
static volatile sig_atomic_t is_stopped;

/* What became of the attempts. */
static uint64_t started, connected, refused, accepted, answered, closed, failed;

static uint64_t now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return t.tv_sec * 1000000000ull + t.tv_nsec;
}

/* ---- what an attempt sends ---- */

/* CONNECT of MQTT 3.1.1. The password is another one each time, so that no cache knows it is wrong. */
static size_t put_login(uint8_t *p) {
  static unsigned long number = 0;
  char id[32], secret[32];
  int id_len = snprintf(id, sizeof id, "attack-%lu", number);
  int secret_len = snprintf(secret, sizeof secret, "wrong-%lu", number++);
  size_t user_len = strlen(user), n = 2;
  memcpy(p + n, "\0\4MQTT\4\xC2\0\0", 10);
  n += 10;
  const char *texts[] = {id, user, secret};
  size_t lengths[] = {id_len, user_len, secret_len};
  for (int i = 0; i < 3; i++) {
    p[n] = 0;
    p[n + 1] = lengths[i];
    memcpy(p + n + 2, texts[i], lengths[i]);
    n += 2 + lengths[i];
  }
  p[0] = 0x10;
  p[1] = n - 2;
  return n;
}

#ifdef WITH_TLS

/* A ClientHello as OpenSSL sends it. */
static size_t put_client_hello(uint8_t *p, size_t room) {
  SSL *ssl = SSL_new(tls_context());
  BIO *output = BIO_new(BIO_s_mem());
  if (!ssl || !output) die_of_tls("TLS");
  SSL_set_bio(ssl, BIO_new(BIO_s_mem()), output);
  SSL_connect(ssl); /* waits for the answer, which never comes */
  int n = BIO_read(output, p, (int)room);
  SSL_free(ssl);
  ERR_clear_error();
  return n > 0 ? n : 0;
}

#else

static size_t put_client_hello(uint8_t *p, size_t room) {
  (void)p, (void)room;
  errno = 0;
  die("--attack handshakes: this program was built without -DWITH_TLS");
  return 0;
}

#endif

/* What a new connection says first; n is how many there were before. */
static size_t put_opening(uint8_t *p, uint64_t n) {
  static const char request[] = UPGRADE_REQUEST;
  size_t length = sizeof request - 1;
  switch (attack) {
    case LOGINS: return put_login(p);
    case HANDSHAKES:
      length = put_client_hello(p, MAX_OPENING);
      return n % 2 ? length / 2 : length;
    case REQUESTS: length /= 2; break;
    case WEBSOCKETS: break;
  }
  memcpy(p, request, length);
  return length;
}

/* ---- attempts ---- */

static void end_attempt(Attempt *a) {
  close(a->fd);
  a->fd = -1;
  a->next_free = free_attempts;
  free_attempts = a;
}

/* Connects from the next of the source addresses. */
static void begin_attempt(Attempt *a) {
  struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(port)}, from = {.sin_family = AF_INET};
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  from.sin_addr.s_addr = htonl(INADDR_LOOPBACK + 1 + started++ % addresses);
  a->fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
  if (a->fd < 0) die("socket");
  a->has_opened = a->has_answer = 0;
  /* Without this the kernel would keep a local port for this address alone, and run out of them. */
  int one = 1;
  setsockopt(a->fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &one, sizeof one);
  if (bind(a->fd, (void *)&from, sizeof from)) die("bind");
  if (connect(a->fd, (void *)&to, sizeof to) && errno != EINPROGRESS) {
    failed++;
    end_attempt(a);
    return;
  }
  struct epoll_event e = {.events = EPOLLIN | EPOLLOUT, .data.ptr = a};
  epoll_ctl(ep, EPOLL_CTL_ADD, a->fd, &e);
}

static void on_connected(Attempt *a) {
  uint8_t opening[MAX_OPENING];
  size_t n = put_opening(opening, connected);
  struct epoll_event e = {.events = EPOLLIN, .data.ptr = a};
  epoll_ctl(ep, EPOLL_CTL_MOD, a->fd, &e);
  a->has_opened = 1;
  connected++;
  /* An opening is short: what the socket does not take whole, the broker has closed. */
  if (write(a->fd, opening, n) == (ssize_t)n) return;
  closed++;
  end_attempt(a);
}

/* A login has its answer; whatever else the broker says changes nothing. */
static void on_answer(Attempt *a, const uint8_t *answer, ssize_t n) {
  answered += !a->has_answer;
  a->has_answer = 1;
  if (attack != LOGINS) return;
  int is_success = n >= 4 && answer[0] == 0x20 && answer[3] == 0;
  if (is_success) accepted++;
  else refused++;
  end_attempt(a);
}

static void on_event(Attempt *a, uint32_t events) {
  if (!a->has_opened) {
    if (events & (EPOLLERR | EPOLLHUP)) {
      failed++;
      end_attempt(a);
    } else if (events & EPOLLOUT) {
      on_connected(a);
    }
    return;
  }
  uint8_t answer[4096];
  ssize_t n = read(a->fd, answer, sizeof answer);
  if (n > 0) {
    on_answer(a, answer, n);
  } else if (n == 0 || errno != EAGAIN) {
    closed++;
    end_attempt(a);
  }
}

static void poll_once(int timeout_ms) {
  struct epoll_event events[MAX_EVENTS];
  int n = epoll_wait(ep, events, MAX_EVENTS, timeout_ms);
  for (int i = 0; i < n; i++) on_event(events[i].data.ptr, events[i].events);
}

/* ---- the attack ---- */

static void run_attack(void) {
  uint64_t now = now_ns(), end = now + (uint64_t)(secs * 1e9), next = now, interval = (uint64_t)(1e9 / rate);
  while (now < end && !is_stopped) {
    for (; next <= now && free_attempts; next += interval) {
      Attempt *a = free_attempts;
      free_attempts = a->next_free;
      begin_attempt(a);
    }
    /* What could not be begun is not made up for later. */
    if (next <= now) next = now;
    poll_once(1);
    now = now_ns();
  }
}

static int held(const Attempt *attempts) {
  int n = 0;
  for (int i = 0; i < count; i++) n += attempts[i].fd >= 0 && attempts[i].has_opened;
  return n;
}

static void stop(int signal_number) {
  (void)signal_number;
  is_stopped = 1;
}

/* ---- options ---- */

static Attack find_attack(const char *name) {
  for (int i = LOGINS; i <= WEBSOCKETS; i++) {
    if (!strcmp(name, ATTACK_NAMES[i])) return i;
  }
  die("unknown attack");
  return LOGINS;
}

static void set_option(const char *name, const char *value) {
  if (!strcmp(name, "--port")) port = atoi(value);
  else if (!strcmp(name, "--attack")) attack = find_attack(value);
  else if (!strcmp(name, "--addresses")) addresses = atoi(value);
  else if (!strcmp(name, "--count")) count = atoi(value);
  else if (!strcmp(name, "--rate")) rate = atof(value);
  else if (!strcmp(name, "--secs")) secs = atof(value);
  else if (!strcmp(name, "--user") && strlen(value) < 32) user = value;
  else die("unknown option, or a value that is too long");
}

static void read_options(int argc, char **argv) {
  errno = 0;
  for (int i = 1; i < argc; i += 2) {
    if (i + 1 >= argc) die("an option has no value");
    set_option(argv[i], argv[i + 1]);
  }
  if (addresses < 1 || addresses > 250 || count < 1 || rate <= 0) die("--addresses, --count or --rate is out of range");
}

static Attempt *make_attempts(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
  if ((rlim_t)count + 16 > limit.rlim_cur) die("--count is more than the limit of open files");
  Attempt *attempts = calloc(count, sizeof *attempts);
  if (!attempts) die("memory");
  for (int i = count - 1; i >= 0; i--) {
    attempts[i].fd = -1;
    attempts[i].next_free = free_attempts;
    free_attempts = &attempts[i];
  }
  return attempts;
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  signal(SIGPIPE, SIG_IGN);
  signal(SIGTERM, stop);
  /* An attacker is another machine: it must not take the processor from the client that is measured. */
  if (setpriority(PRIO_PROCESS, 0, 10)) die("setpriority");
  ep = epoll_create1(0);
  Attempt *attempts = make_attempts();
  uint64_t start = now_ns();
  run_attack();
  double seconds = (now_ns() - start) / 1e9;
  printf("{\"attack\":\"%s\",\"seconds\":%.2f,\"started\":%lu,\"connected\":%lu,\"answered\":%lu,\"refused\":%lu,",
         ATTACK_NAMES[attack], seconds, started, connected, answered, refused);
  printf("\"accepted\":%lu,\"closed\":%lu,\"failed\":%lu,\"held\":%d}\n", accepted, closed, failed, held(attempts));
  return 0;
}
