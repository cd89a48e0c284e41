/* Lets libcamera allocate its buffers on a kernel that has no /dev/dma_heap: memfds stand in for them.
 *
 * Loaded into every process of the rehearsed device (/etc/ld.so.preload). Two things are changed: opening
 * a heap works, and its one request, and those of a DMA buffer, are answered for memfds. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/dma-buf.h>
#include <linux/dma-heap.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <unistd.h>

/* libcamera's choice, and Picamera2's. */
static int is_heap(const char *path) {
  return path && (!strcmp(path, "/dev/dma_heap/system") || !strcmp(path, "/dev/dma_heap/linux,cma"));
}

static int heap(void) { return memfd_create("dma_heap", MFD_CLOEXEC); }

#define REST(last)                                                                                                     \
  va_list rest;                                                                                                        \
  va_start(rest, last);                                                                                                \
  mode_t mode = (last & (O_CREAT | __O_TMPFILE)) ? va_arg(rest, mode_t) : 0;                                           \
  va_end(rest);

#define OPEN(name)                                                                                                     \
  int name(const char *path, int flags, ...) {                                                                         \
    REST(flags)                                                                                                        \
    if (is_heap(path)) return heap();                                                                                  \
    int (*next)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, #name);                    \
    return next(path, flags, mode);                                                                                    \
  }

#define OPENAT(name)                                                                                                   \
  int name(int folder, const char *path, int flags, ...) {                                                             \
    REST(flags)                                                                                                        \
    if (is_heap(path)) return heap();                                                                                  \
    int (*next)(int, const char *, int, ...) = (int (*)(int, const char *, int, ...))dlsym(RTLD_NEXT, #name);          \
    return next(folder, path, flags, mode);                                                                            \
  }

OPEN(open)
OPEN(open64)
OPENAT(openat)
OPENAT(openat64)

static int allocate(struct dma_heap_allocation_data *wanted) {
  int buffer = memfd_create("dma_buf", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (buffer < 0) return -1;
  if (ftruncate(buffer, (off_t)wanted->len)) {
    close(buffer);
    return -1;
  }
  wanted->fd = (__u32)buffer;
  return 0;
}

int ioctl(int fd, unsigned long request, ...) {
  va_list rest;
  va_start(rest, request);
  void *argument = va_arg(rest, void *);
  va_end(rest);
  if ((unsigned int)request == (unsigned int)DMA_HEAP_IOCTL_ALLOC) return allocate(argument);
  int (*next)(int, unsigned long, ...) = (int (*)(int, unsigned long, ...))dlsym(RTLD_NEXT, "ioctl");
  int result = next(fd, request, argument);
  /* A memfd knows neither DMA_BUF_IOCTL_SYNC nor DMA_BUF_SET_NAME, and needs neither. */
  if (result < 0 && errno == ENOTTY && _IOC_TYPE(request) == DMA_BUF_BASE) return 0;
  return result;
}
