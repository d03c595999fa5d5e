#include "reshaping/reshape.h"

#include <gtest/gtest.h>
