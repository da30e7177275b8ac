#include "tests/harness/exercise.hpp"
