// SPDX-License-Identifier: Apache-2.0
/*
 * Alarms by numbers that JavaScript chooses. When one is due, `host.onAlarm(number)` is called from the event loop.
 */
#include "host.h"
#include <sys/time.h>

#define ALARMS 64

static uint64_t due[ALARMS]; /* microseconds; 0 when not set */

uint64_t hostMicroseconds(void)
{
	struct timeval now;
	gettimeofday(&now, NULL);
	return (uint64_t)now.tv_sec * 1000000u + now.tv_usec;
}

static txInteger number(txMachine* the)
{
	txInteger value;
	if (mxArgc < 1)
		mxTypeError("no alarm");
	value = fxToInteger(the, mxArgv(0));
	if (value < 0 || value >= ALARMS)
		mxRangeError("no such alarm");
	return value;
}

static void host_alarmSet(txMachine* the)
{
	txInteger index = number(the);
	txInteger ms = (mxArgc > 1) ? fxToInteger(the, mxArgv(1)) : 0;
	if (ms < 0)
		mxRangeError("time is negative");
	due[index] = hostMicroseconds() + (uint64_t)ms * 1000;
}

static void host_alarmClear(txMachine* the)
{
	due[number(the)] = 0;
}

static void host_microseconds(txMachine* the)
{
	mxResult->kind = XS_NUMBER_KIND;
	mxResult->value.number = (txNumber)hostMicroseconds();
}

int64_t alarmsNext(void)
{
	int64_t next = -1;
	uint64_t now = hostMicroseconds();
	int i;
	for (i = 0; i < ALARMS; i++)
		if (due[i]) {
			int64_t left = due[i] > now ? (int64_t)(due[i] - now) : 0;
			if (next < 0 || left < next)
				next = left;
		}
	return next;
}

/* Runs the alarm that is most overdue; exceptions leave to the caller. */
void alarmsRun(txMachine* the)
{
	uint64_t now = hostMicroseconds();
	int i, first = -1;
	for (i = 0; i < ALARMS; i++)
		if (due[i] && due[i] <= now && (first < 0 || due[i] < due[first]))
			first = i;
	if (first < 0)
		return;
	due[first] = 0;
	mxPush(mxGlobal);
	fxGetID(the, fxFindName(the, "host"));
	mxDub();
	fxGetID(the, fxID(the, "onAlarm"));
	fxCall(the);
	mxPushInteger(first);
	fxRunCount(the, 1);
	mxPop();
}

void alarmsInstall(txMachine* the, txSlot* host)
{
	hostFunction(the, host, "alarmSet", host_alarmSet, 2);
	hostFunction(the, host, "alarmClear", host_alarmClear, 1);
	hostFunction(the, host, "microseconds", host_microseconds, 0);
}
