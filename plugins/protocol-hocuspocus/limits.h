// limits.h: the bounds of the Hocuspocus wire that no setting moves.
#pragma once

#include <cstddef>
#include <cstdint>

#include "freshet/abi/room.h"

namespace freshet::hocuspocus {

// Of what stands before a message: a document's name, which the core bounds, and a session's id.
// Its length is written before it, in as many bytes as are left here at most.
inline constexpr size_t kMaxAddressBytes = FRESHET_PREFIX_BYTES - 2;

// A token is a line of text, and every one is copied to be judged.
inline constexpr size_t kMaxTokenBytes = size_t{16} << 10;

// Tokens of one socket that may be refused: twice what all its documents take that come with an old
// one.
inline constexpr size_t kMaxRefusedTokens = 200;

// Objects and arrays inside each other in the data of a stateless message.
inline constexpr unsigned kMaxDataDepth = 64;
// Of an event that a stateless message names.
inline constexpr size_t kMaxEventNameBytes = 256;

// Of a state vector that is kept until its step1 is answered, some 10,000 clients. Behind a longer
// one all updates are taken for old ones.
inline constexpr size_t kMaxVectorBytes = size_t{64} << 10;

// Entries of one awareness message whose memory a connection keeps for the next one.
inline constexpr size_t kKeptEntries = 64;

}  // namespace freshet::hocuspocus
