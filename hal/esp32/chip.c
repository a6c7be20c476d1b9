// SPDX-License-Identifier: Apache-2.0
/*
 * What the SDK has no module for: monotonic time, the cause of the start, the watchdog, confirming a new image. The
 * file is not called system.c because the SDK has an object of that name.
 */
#include "xsmc.h"
#include "xsHost.h"
#include "app_update/include/esp_ota_ops.h"
#include "esp_attr.h"
#include "esp_system.h"
#include "esp_task_wdt.h"
#include "esp_timer.h"
#include "sdkconfig.h"
#include "note.h"
#include "relay.h"

/* Marks a noted cause as valid: the words below survive a restart, but hold anything after a loss of power. */
#define MAGIC 0x4c494e54u
/* As NOTE_STACK_OVERFLOW in restart-cause.ts. */
#define STACK_OVERFLOW 3u
static RTC_NOINIT_ATTR uint32_t notedMagic;
static RTC_NOINIT_ATTR uint32_t notedCause;
/* A word for the next start, valid where its complement fits. */
static RTC_NOINIT_ATTR uint32_t kept;
static RTC_NOINIT_ATTR uint32_t keptComplement;
static volatile int asked;

/*
 * The engine always ends by esp_restart(). Before it does, it calls JavaScript (defines.xs.abortHook), except after a stack
 * overflow: so an end without request and without noted cause is a stack overflow.
 */
static void ending(void)
{
	lintelRelayOff();
	if (!asked && notedMagic != MAGIC) {
		notedCause = STACK_OVERFLOW;
		notedMagic = MAGIC;
	}
}

/* Registered before main, because a module may fail to load. */
__attribute__((constructor)) static void watchEnding(void)
{
	esp_register_shutdown_handler(ending);
}

void xs_lintel_milliseconds(xsMachine* the)
{
	xsmcSetNumber(xsResult, (xsNumberValue)(esp_timer_get_time() / 1000));
}

void xs_lintel_restartCause(xsMachine* the)
{
	esp_reset_reason_t reason = esp_reset_reason();
	int result = (int)reason;
	if (reason == ESP_RST_SW && notedMagic == MAGIC && notedCause != 0)
		result = 0x100 + (int)notedCause;
	notedMagic = 0;
	xsmcSetInteger(xsResult, result);
}

void lintelNote(unsigned cause)
{
	notedCause = cause;
	notedMagic = MAGIC;
}

void xs_lintel_setRestartReason(xsMachine* the)
{
	lintelNote((unsigned)xsmcToInteger(xsArg(0)));
}

void xs_lintel_retained(xsMachine* the)
{
	xsmcSetInteger(xsResult, keptComplement == ~kept ? (xsIntegerValue)kept : 0);
}

void xs_lintel_retain(xsMachine* the)
{
	kept = (uint32_t)xsmcToInteger(xsArg(0));
	keptComplement = ~kept;
}

void xs_lintel_restart(xsMachine* the)
{
	asked = 1;
	esp_restart();
}

void xs_lintel_isS3(xsMachine* the)
{
#if CONFIG_IDF_TARGET_ESP32S3
	xsmcSetBoolean(xsResult, 1);
#else
	xsmcSetBoolean(xsResult, 0);
#endif
}

void xs_lintel_feed(xsMachine* the)
{
	/* ESP_ERR_NOT_FOUND where the task is not subscribed (debug builds): nothing to feed. */
	esp_task_wdt_reset();
}

void xs_lintel_collect(xsMachine* the)
{
	xsCollectGarbage();
}

void xs_lintel_imageIsHealthy(xsMachine* the)
{
	/* ESP_FAIL where the running image is not an update on trial. */
	esp_ota_mark_app_valid_cancel_rollback();
}
