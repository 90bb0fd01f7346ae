// Loaded before libc: names in NAMES ("a.example=10.0.0.1 1.1.1.1,b.example=::1") resolve to what stands there, and no connection to
// port 443 is made. Both are written to the file NAMES_LOG, a line each: "asked" and a name, "connect" and an address.
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static void tell(const char *what, const char *whom) {
  char line[512];
  int out = open(getenv("NAMES_LOG"), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600);
  int length = snprintf(line, sizeof line, "%s %s\n", what, whom);
  if (out < 0 || write(out, line, length) != length) abort();
  close(out);
}

int getaddrinfo(const char *name, const char *port, const struct addrinfo *hints, struct addrinfo **found) {
  int (*next)(const char *, const char *, const struct addrinfo *, struct addrinfo **) = dlsym(RTLD_NEXT, "getaddrinfo");
  char all[4096], *rest, *kept;
  snprintf(all, sizeof all, "%s", getenv("NAMES"));
  for (char *one = strtok_r(all, ",", &rest); name && one; one = strtok_r(NULL, ",", &rest)) {
    char *addresses = strchr(one, '=');
    *addresses++ = 0;
    if (strcmp(one, name)) continue;
    tell("asked", name);
    struct addrinfo numeric = {.ai_flags = AI_NUMERICHOST, .ai_socktype = hints ? hints->ai_socktype : 0};
    for (char *it = strtok_r(addresses, " ", &kept); it; it = strtok_r(NULL, " ", &kept)) {
      int failed = next(it, port, &numeric, found);
      if (failed) return failed;
      while (*found) found = &(*found)->ai_next;
    }
    return 0;
  }
  return next(name, port, hints, found);
}

int connect(int fd, const struct sockaddr *to, socklen_t length) {
  int (*next)(int, const struct sockaddr *, socklen_t) = dlsym(RTLD_NEXT, "connect");
  char address[INET6_ADDRSTRLEN] = "";
  int port = 0;
  if (to->sa_family == AF_INET) {
    const struct sockaddr_in *v4 = (const void *)to;
    port = ntohs(v4->sin_port);
    inet_ntop(AF_INET, &v4->sin_addr, address, sizeof address);
  } else if (to->sa_family == AF_INET6) {
    const struct sockaddr_in6 *v6 = (const void *)to;
    port = ntohs(v6->sin6_port);
    inet_ntop(AF_INET6, &v6->sin6_addr, address, sizeof address);
  }
  if (port != 443) return next(fd, to, length);
  tell("connect", address);
  errno = ECONNREFUSED;
  return -1;
}
