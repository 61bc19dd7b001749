/*
 * mqttload: an epoll MQTT load generator for brokers on loopback.
 *
 *   cc -O2 -o mqttload mqttload.c                                   (with TLS: cc -O2 -DWITH_TLS ... -lssl -lcrypto)
 *   ./mqttload --port 1883 --pid BROKER_PID --pubs 10 --subs 10 --secs 5
 *
 * One thread, one process, many connections. It prints one JSON line: messages sent and received, what is missing,
 * latency quantiles, the broker's CPU time for each message (sent plus received) and its memory. CPU per message is
 * the figure to compare: it moves far less than a rate does on a shared machine.
 *
 *   --port N       broker's port (127.0.0.1)           --pid N     broker's process, for CPU and memory
 *   --pubs N       publishers                          --subs N    subscribers
 *   --shape S      fan: every subscriber takes every topic (load/#)
 *                  pair: subscriber i takes topic i alone
 *                  share: all subscribers in one $share group (MQTT 5 connect)
 *   --topics N     topics that the publishers rotate through (default: pubs)
 *   --wild N       adds N unrelated wildcard subscriptions per subscriber
 *   --qos 0|1|2    of publishes and subscriptions      --window N  unacknowledged publishes a publisher may have
 *   --size B       payload bytes (16 at least)         --rate R    publishes a second in all (0: as fast as it goes)
 *   --secs D       seconds of publishing               --drain D   seconds to wait for stragglers (default 3)
 *   --idle N       connects N clients, holds them, prints memory for each, and ends
 *   --retained N   publishes N retained messages at QoS 1 to N topics, prints the memory they took, and ends
 *   --persistent   subscribers connect with clean session off
 *   --warmup D     seconds of publishing before latency is counted
 *   --tls          connects by TLS                     --cafile F  verifies the broker's certificate by this CA
 *   --ws           connects by WebSocket, to /mqtt; with --tls by secure WebSocket
 *   --user U       user name                           --password P  password of the user
 *
 * This file owns the options, the pace of publishing and the report; mqttload_client.h owns the connections and their
 * packets, mqttload_stream.h what carries them.
 */
#define _GNU_SOURCE
#include "mqttload_client.h"

#include <signal.h>
#include <sys/resource.h>

/* How long the broker may take to settle before its memory is read, in microseconds. */
#define SETTLE_US 1500000

/* Up to this many publishes a second, sleeping a millisecond between them keeps the pace. */
#define SLOW_RATE 1000

typedef struct Usage {
  double cpu_s;
  long rss_kb, peak_kb;
} Usage;

typedef struct Result {
  double publishing_s, delivering_s;
  Usage before, after;
} Result;

static Conn *pubs, *subs;
static double warmup = 0;

/* ---- what the broker uses ---- */

static double cpu_seconds(void) {
  char path[64], line[4096];
  unsigned long user = 0, system = 0;
  snprintf(path, sizeof path, "/proc/%d/stat", broker_pid);
  FILE *f = fopen(path, "r");
  if (!f) return 0;
  char *name_end = fgets(line, sizeof line, f) ? strrchr(line, ')') : NULL;
  if (name_end) sscanf(name_end + 2, "%*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &user, &system);
  fclose(f);
  return (double)(user + system) / sysconf(_SC_CLK_TCK);
}

static Usage broker_usage(void) {
  Usage usage = {0};
  if (!broker_pid) return usage;
  usage.cpu_s = cpu_seconds();
  char path[64], line[4096];
  snprintf(path, sizeof path, "/proc/%d/status", broker_pid);
  FILE *f = fopen(path, "r");
  if (!f) return usage;
  while (fgets(line, sizeof line, f)) {
    sscanf(line, "VmHWM: %ld", &usage.peak_kb);
    sscanf(line, "VmRSS: %ld", &usage.rss_kb);
  }
  fclose(f);
  return usage;
}

/* ---- options ---- */

static const char *secret(const char *text) {
  if (strlen(text) > MAX_SECRET) die("--user or --password is too long");
  return text;
}

/* The options that need no value. */
static int set_flag(const char *name) {
  if (!strcmp(name, "--persistent")) persistent = 1;
  else if (!strcmp(name, "--tls")) use_tls = 1;
  else if (!strcmp(name, "--ws")) use_websocket = 1;
  else return 0;
  return 1;
}

static void set_option(const char *name, const char *value) {
  static const struct {
    const char *name;
    int *value;
  } numbers[] = {{"--port", &port},     {"--pid", &broker_pid}, {"--pubs", &npubs},       {"--subs", &nsubs},
                 {"--topics", &ntopics}, {"--wild", &nwild},     {"--qos", &qos},          {"--window", &window},
                 {"--size", &size},      {"--idle", &idle},      {"--retained", &retained}};
  for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
    if (strcmp(name, numbers[i].name)) continue;
    *numbers[i].value = atoi(value);
    return;
  }
  if (!strcmp(name, "--shape")) shape = value;
  else if (!strcmp(name, "--rate")) rate = atof(value);
  else if (!strcmp(name, "--secs")) secs = atof(value);
  else if (!strcmp(name, "--drain")) drain = atof(value);
  else if (!strcmp(name, "--warmup")) warmup = atof(value);
  else if (!strcmp(name, "--cafile")) cafile = value;
  else if (!strcmp(name, "--user")) user = secret(value);
  else if (!strcmp(name, "--password")) password = secret(value);
  else die("unknown option");
}

static void read_options(int argc, char **argv) {
  errno = 0;
  for (int i = 1; i < argc; i++) {
    if (set_flag(argv[i])) continue;
    if (i + 1 >= argc) die("an option has no value");
    set_option(argv[i], argv[i + 1]);
    i++;
  }
  if (size < 16) size = 16;
  if (!ntopics) ntopics = npubs;
  if (nwild > 200) nwild = 200;
}

static void raise_file_limit(void) {
  struct rlimit limit;
  getrlimit(RLIMIT_NOFILE, &limit);
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

/* ---- memory: idle connections and retained messages ---- */

static void run_idle(void) {
  Usage before = broker_usage();
  uint64_t start = now_ns();
  Conn *conns = calloc(idle, sizeof *conns);
  for (int i = 0; i < idle; i++) {
    open_conn(&conns[i], 1, i, "idle");
    if (i % 64 == 63) poll_once(0);
  }
  wait_ready(conns, idle, 1);
  double seconds = (now_ns() - start) / 1e9;
  usleep(SETTLE_US);
  Usage after = broker_usage();
  printf("{\"idle\":%d,\"connects_per_s\":%.0f,\"rss_before_kb\":%ld,\"rss_after_kb\":%ld,"
         "\"kb_per_connection\":%.2f,\"disconnects\":%lu}\n",
         idle, idle / seconds, before.rss_kb, after.rss_kb, (double)(after.rss_kb - before.rss_kb) / idle, disconnects);
}

static void run_retained(void) {
  qos = 1;
  Usage before = broker_usage();
  Conn *c = calloc(1, sizeof *c);
  open_conn(c, 1, 0, "retain");
  wait_ready(c, 1, 1);
  for (int i = 0; i < retained && !c->closed;) {
    for (; i < retained && c->inflight < window; i++) {
      char topic[48];
      snprintf(topic, sizeof topic, "retained/%d/%d", i / 1000, i);
      send_publish(c, topic, 1);
    }
    if (!c->want_write) flush_out(c);
    poll_once(50);
  }
  while (c->inflight && !c->closed) poll_once(50);
  usleep(SETTLE_US);
  Usage after = broker_usage();
  printf("{\"retained\":%d,\"size\":%d,\"acked\":%lu,\"rss_before_kb\":%ld,\"rss_after_kb\":%ld,\"disconnects\":%lu}\n",
         retained, size, acked, before.rss_kb, after.rss_kb, disconnects);
}

/* ---- load ---- */

static void open_clients(void) {
  pubs = calloc(npubs, sizeof *pubs);
  subs = calloc(nsubs, sizeof *subs);
  for (int i = 0; i < nsubs; i++) open_conn(&subs[i], 0, i, "sub");
  wait_ready(subs, nsubs, SUBSCRIBED);
  for (int i = 0; i < npubs; i++) open_conn(&pubs[i], 1, i, "pub");
  wait_ready(pubs, npubs, 1);
}

/* Publishes what is due by now at --rate, 2,000 messages at most before the sockets are looked at again. */
static void publish_paced(uint64_t start) {
  static int turn = 0;
  uint64_t due = (uint64_t)((now_ns() - start) / 1e9 * rate);
  for (int k = 0; sent < due && k < 2000; k++) {
    Conn *c = &pubs[turn++ % npubs];
    if (c->closed || (qos && c->inflight >= window)) continue;
    send_next_publish(c);
    if (!c->want_write) flush_out(c);
  }
}

/* Fills the window or the buffer of every publisher that can take more; says whether any could. */
static int publish_all(void) {
  int busy = 0;
  for (int i = 0; i < npubs; i++) {
    Conn *c = &pubs[i];
    if (c->closed || c->want_write) continue;
    if (qos) {
      for (; c->inflight < window; busy = 1) send_next_publish(c);
    } else {
      while (c->out_len < OUTBUF / 4) send_next_publish(c);
      busy = 1;
    }
    if (c->out_len) flush_out(c);
  }
  return busy;
}

static void publish(uint64_t start) {
  uint64_t end = start + (uint64_t)(secs * 1e9);
  counted_from_ns = start + (uint64_t)(warmup * 1e9);
  while (now_ns() < end) {
    if (rate > 0) {
      publish_paced(start);
      poll_once(rate <= SLOW_RATE ? 1 : 0);
    } else {
      poll_once(publish_all() ? 0 : 1);
    }
  }
}

static int unfinished_publishers(void) {
  int count = 0;
  for (int i = 0; i < npubs; i++) {
    count += pubs[i].inflight;
    if (!pubs[i].closed && pubs[i].out_len) count++;
  }
  return count;
}

/*
 * Reads stragglers until nothing has come for --drain seconds. Acknowledgements that are still due prolong the wait,
 * to 10 seconds after the last message. Returns when the last message came.
 */
static uint64_t drain_messages(void) {
  uint64_t last = received, quiet_since = now_ns(), last_change = quiet_since;
  while (now_ns() - quiet_since < (uint64_t)(drain * 1e9)) {
    poll_once(20);
    if (received != last) {
      last = received;
      quiet_since = last_change = now_ns();
    } else if (unfinished_publishers() && now_ns() - last_change < 10000000000ull) {
      quiet_since = now_ns();
    }
  }
  return last_change;
}

static Result run_load(void) {
  Result result;
  open_clients();
  result.before = broker_usage();
  uint64_t start = now_ns();
  publish(start);
  result.publishing_s = (now_ns() - start) / 1e9;
  result.delivering_s = (drain_messages() - start) / 1e9;
  if (result.delivering_s < result.publishing_s) result.delivering_s = result.publishing_s;
  result.after = broker_usage();
  return result;
}

/* ---- report ---- */

static int compare_latency(const void *a, const void *b) {
  uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;
  return x < y ? -1 : x > y;
}

static uint32_t latency_us(double quantile) {
  return nlatencies ? latencies_us[(size_t)((nlatencies - 1) * quantile)] : 0;
}

static void report(const Result *r) {
  uint64_t messages = sent + received;
  double cpu_s = r->after.cpu_s - r->before.cpu_s;
  qsort(latencies_us, nlatencies, sizeof *latencies_us, compare_latency);
  printf("{\"shape\":\"%s\",\"qos\":%d,\"size\":%d,\"pubs\":%d,\"subs\":%d,", shape, qos, size, npubs, nsubs);
  printf("\"sent\":%lu,\"acked\":%lu,\"received\":%lu,\"expected\":%lu,\"missing\":%ld,", sent, acked, received,
         expected, (long)(expected - received));
  printf("\"in_per_s\":%.0f,\"out_per_s\":%.0f,", sent / r->publishing_s, received / r->delivering_s);
  printf("\"lat_us\":{\"p50\":%u,\"p99\":%u,\"p999\":%u,\"max\":%u},", latency_us(.5), latency_us(.99),
         latency_us(.999), latency_us(1));
  printf("\"broker_cpu_s\":%.2f,\"cpu_us_per_message\":%.3f,", cpu_s, cpu_s * 1e6 / (double)(messages ? messages : 1));
  printf("\"rss_kb\":%ld,\"peak_kb\":%ld,\"disconnects\":%lu}\n", r->after.rss_kb, r->after.peak_kb, disconnects);
}

int main(int argc, char **argv) {
  read_options(argc, argv);
  raise_file_limit();
  signal(SIGPIPE, SIG_IGN); /* a connection that the broker has closed is an error of write(2), counted as such */
  ep = epoll_create1(0);
  latencies_us = malloc(MAX_LATENCIES * sizeof *latencies_us);
  if (idle) {
    run_idle();
  } else if (retained) {
    run_retained();
  } else {
    Result result = run_load();
    report(&result);
  }
  return 0;
}
