/* freshet/abi/close.h: why a connection ends, as WebSocket close codes. The one table of them.
 *
 * Stock y-websocket clients (3.x) stop for good on 4400-4499 and try again after anything else.
 * A protocol whose clients know other codes maps these (freshet_protocol.close_code). */
#ifndef FRESHET_ABI_CLOSE_H
#define FRESHET_ABI_CLOSE_H

enum {
  FRESHET_CLOSE_NORMAL = 1000,
  FRESHET_CLOSE_RESTART = 1012, /* the server stops: come back */

  /* Final: trying again changes nothing. */
  FRESHET_CLOSE_MALFORMED = 4400,       /* bytes that do not decode */
  FRESHET_CLOSE_UNAUTHENTICATED = 4401, /* no token, or a bad one */
  FRESHET_CLOSE_DENIED = 4403,          /* a good token, for something else */
  FRESHET_CLOSE_NO_ROOM = 4404,         /* no such room, or not a room's name */
  FRESHET_CLOSE_REPLACED = 4409,  /* what the client has is not what the room has: its history was
                                     replaced, or an app refused an edit. Begin anew */
  FRESHET_CLOSE_TOO_LARGE = 4413, /* a message or an update over the limit */
  FRESHET_CLOSE_EXPIRED = 4419,   /* the token was good: come back with a new one. A wire whose
                                     clients fetch one by themselves maps it to "come back" */

  /* Come back later. */
  FRESHET_CLOSE_INTERNAL = 4500,
  FRESHET_CLOSE_OVERLOADED = 4503, /* draining, or a limit on the whole server */
  FRESHET_CLOSE_TIMEOUT = 4504,    /* nothing heard, or the reader does not read */
  FRESHET_CLOSE_CANNOT_LOAD = 4508,
  FRESHET_CLOSE_RATE = 4529 /* too many messages, bytes or joins in a short time, of the connection,
                               its user or the room: the reason says which */
};

#endif /* FRESHET_ABI_CLOSE_H */
