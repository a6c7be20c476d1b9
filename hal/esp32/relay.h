// SPDX-License-Identifier: Apache-2.0
/* Sets the relay's pin to its off level, from any task. Does nothing where the relay was not opened. */
void lintelRelayOff(void);
