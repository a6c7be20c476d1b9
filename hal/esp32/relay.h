/* The relay's pin to its off level, from any task; nothing where the relay is not open. */
void lintelRelayOff(void);
